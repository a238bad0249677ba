"""The declared state of WordPress sites: planned, applied behind a safety net, put back."""

__version__ = "0.1.0"
