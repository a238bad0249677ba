"""Safeguards, each with a patch that takes it away and the test that must then fail."""
