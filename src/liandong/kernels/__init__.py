"""Arrays in, arrays out: the arithmetic, with numpy and numba alone."""

from liandong.kernels.memory.kept import find_place

find_place()
