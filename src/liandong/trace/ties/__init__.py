"""What of an answer depends on the order of transfers of one moment."""
