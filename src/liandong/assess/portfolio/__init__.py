"""What scores mean for a portfolio: expected and unexpected losses."""
