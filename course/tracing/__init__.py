"""Tracing: `function` runs a Python function once, notes what it does, and from then on runs those notes as a program."""
