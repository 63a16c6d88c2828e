"""One file a revision, each with its own copy of what it makes: a migration never changes with the code."""
