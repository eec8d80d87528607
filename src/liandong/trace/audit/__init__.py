"""For the auditor: what a trace must add up to."""
