"""How code is compiled that runs many times for each event."""

from numba import njit

inner = njit(cache=True, nogil=True, forceinline=True, _nrt=False)
"""Compiles a function into its callers; it makes no arrays, so nobody counts who holds them."""
hot = njit(cache=True, nogil=True, _nrt=False)
"""Compiles a loop over such functions; it makes no arrays either."""
