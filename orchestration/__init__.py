"""What runs when: Dagster assets and jobs, publication, and the command line. No extraction, no SQL of models, no rendering."""
