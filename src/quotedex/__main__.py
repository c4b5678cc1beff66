"""`python -m quotedex`."""

from quotedex.cli import main

main()
