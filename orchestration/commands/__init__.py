"""The commands of `skvoz`, one module per kind of work; each imports what it needs when it runs, so that `--help` answers at once."""
