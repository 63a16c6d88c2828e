"""Sound files, loudness and the joining of sounds."""
