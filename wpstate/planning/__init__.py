"""Decisions: pure functions from desired and observed state to a plan, and from looks to a verdict.

No network, no clock, no files: `now` is an argument.
"""
