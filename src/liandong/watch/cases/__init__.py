"""What alerts need somebody to work on them, and what came of those that somebody did."""
