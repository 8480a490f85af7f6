"""`python -m harness`: the command line, for where no script is installed."""

from harness.cli import main

main()
