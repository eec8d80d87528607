"""Places and the ways between them: circles of reach and timetables, on arrays."""
