"""Optimal binning: count tables, bins and the certificate that nothing separates better."""
