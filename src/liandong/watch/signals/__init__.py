"""Early-warning signals T1 to P1: what is known at a moment, judged by thresholds."""
