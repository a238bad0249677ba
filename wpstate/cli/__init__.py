"""The command line: one module per command. Decisions and I/O are left to workflows and wiring."""
