"""Names of parties against negative lists, with the reason of every hit."""
