"""`python -m wpstate`."""

from wpstate.cli.main import main

main()
