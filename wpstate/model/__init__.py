"""The nouns of wpstate as frozen values. No behaviour beyond their own invariants, no I/O."""
