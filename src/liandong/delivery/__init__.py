"""A watch that runs: events from sources, warnings into the books, and out to whoever waits."""
