"""The command line: thin, lazy, in two languages, with the exit codes of the error tree."""
