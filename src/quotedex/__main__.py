"""`python -m quotedex`."""

from quotedex.cli import main

main(prog_name="quotedex")
