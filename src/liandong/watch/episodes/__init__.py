"""Episodes: warnings of one rule about one subject, joined to alerts."""
