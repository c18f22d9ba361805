"""`python -m flows.cli`: the newsmill command where its script is not on the path."""

from flows.cli.app import main

main()
