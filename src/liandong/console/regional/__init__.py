"""What the pages of one region, of several regions, and of the map are made of."""
