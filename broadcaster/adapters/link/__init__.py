"""The way between station and nodes."""
