"""How far apart regions are, whether they draw nearer, who moves, who is like its neighbours."""
