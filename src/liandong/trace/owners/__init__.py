"""Who owns what: integrated ownership, control, weakest links and thresholds, never one number."""
