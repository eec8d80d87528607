"""Rules in hindsight: a log replayed as it became known, and many thresholds judged at once."""
