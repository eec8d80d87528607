"""How far apart regions are, whether they draw nearer, who moves, and whose neighbours are alike."""
