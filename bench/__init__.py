"""Benchmarks: one command each, which prints what it has measured as JSON and says whether it is enough."""
