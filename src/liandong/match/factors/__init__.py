"""Factors between regions: quotas traded at a call, service points sited, computing dispatched."""
