"""Formats of facts about versions, one module each. Fetching and keeping are left to adapters."""
