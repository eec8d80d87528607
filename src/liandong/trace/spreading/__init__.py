"""Where money can have been, without amounts."""
