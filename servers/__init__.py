"""Servers that `make demo`, `make stack` and the tests start on this machine. Standard library only."""
