"""Privacy: noise that is drawn exactly."""
