"""Where a zone's sound goes."""
