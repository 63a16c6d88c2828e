"""What the announcer says for a bulletin's text."""
