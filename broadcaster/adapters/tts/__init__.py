"""Speech engines: each file is one engine behind the port `SpeechEngine`."""
