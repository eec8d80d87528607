"""Rules as people read, try and change them."""
