"""What invention is worth: expected orders of young firms that have no financial history."""
