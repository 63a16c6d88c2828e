"""Recognisers: what a machine makes of the sound."""
