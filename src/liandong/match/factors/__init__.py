"""Other factors across regions: where service points open, and where computing runs."""
