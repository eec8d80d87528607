"""What a loan must cost, what it is worth, and the quotes that follow."""
