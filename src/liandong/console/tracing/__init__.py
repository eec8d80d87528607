"""Traced loans as pages, pictures and files show them; the tables are those of the trace."""
