"""Memory that comes when it is needed: rows within lines, and lines sent for ahead."""
