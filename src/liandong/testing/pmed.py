"""Reading the p-median instances of the OR-Library (Beasley 1985)."""

from pathlib import Path


def read_legs(path: Path) -> tuple[int, int, dict[tuple[int, int], int]]:
    """Return the number of places, how many sites open, and the length of each leg.

    Legs are numbered from 0 and lead from the smaller number to the larger, and back; of legs that
    are told twice the last one counts, as the library says.

    Parameters
    ----------
    path
        A file of the library: places, legs, sites; then two ends and a length for each leg.
    """
    numbers = [int(n) for n in path.read_text().split()]
    places, count, sites = numbers[:3]
    rest = numbers[3 : 3 + 3 * count]
    legs = {}
    for a, b, length in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        legs[min(a, b) - 1, max(a, b) - 1] = length
    return places, sites, legs
