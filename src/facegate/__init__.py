"""facegate: one face engine and one gallery behind many doors."""

__version__ = "0.1.0"
