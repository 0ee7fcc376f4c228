"""`python -m cryptobench`: the same as the `cryptobench` command."""

from cryptobench.cli import main

main(prog_name="cryptobench")
