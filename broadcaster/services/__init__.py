"""Use cases: they put ports in sequence. No input or output of their own."""
