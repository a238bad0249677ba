"""The verbs, as plain functions over ports. No I/O of their own."""
