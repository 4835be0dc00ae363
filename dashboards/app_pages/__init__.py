"""One file per page, each with a `show` function that reads like a description of the screen."""
