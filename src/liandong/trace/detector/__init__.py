"""Learning from labelled transfers which ones are suspicious."""
