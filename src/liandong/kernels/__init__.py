"""Arrays in, arrays out: the arithmetic, with numpy and numba alone."""
