"""Tracing: `function` runs a Python function once, notes what it does, and then runs those notes as a program."""
