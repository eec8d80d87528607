"""Who is who: records of one firm found among many."""
