"""Documents and feeds: reports for people, playlists and calendars for programs."""
