"""Fictional cities for demonstrations, tests and benchmarks: `manage.py seed_demo` and `manage.py seed_city`.

A seed and a size give the same rows again: everything drawn comes from one `random.Random`, every time from a
calendar day that is passed in, and rows are written in sets, community by community.
"""
