"""What the station remembers: `sql` on SQLite or PostgreSQL, `memory` for tests and dry runs.

Nothing is imported here: sqlmodel costs half a second, and only a command that opens the store should pay it.
"""
