"""Names as numbers: what is one letter apart, how alike, and keys by which they are found."""
