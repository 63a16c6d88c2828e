"""The operator's console: web pages over the services, in plain Vietnamese, for an office PC and a leader's phone."""
