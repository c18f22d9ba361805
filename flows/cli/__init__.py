"""The command line `newsmill`: one file per family of commands; the work itself is done by the flows."""
