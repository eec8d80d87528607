"""Case figures by month, region, type and level: what they are, their course, regions compared."""
