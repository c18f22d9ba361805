"""The command line `newsmill`: one file a family of commands; the work itself is in the flows."""
