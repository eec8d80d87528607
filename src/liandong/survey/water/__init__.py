"""Water at the borders of regions: indices of what was measured against what was agreed."""
