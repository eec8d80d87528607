"""Money that comes back to where it set out, and loan money that does no work."""
