"""Who is who: names of companies taken apart, and records of one firm found among many."""
