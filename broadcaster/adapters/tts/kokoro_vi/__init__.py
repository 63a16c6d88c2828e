"""The offline neural voice: Vietnamese speech from Kokoro-82M's weights, its tones drawn into the pitch track."""
