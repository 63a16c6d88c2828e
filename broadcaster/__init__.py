"""Radio broadcast scheduling and Vietnamese text-to-speech for a commune station."""

__version__ = "0.1.0"
