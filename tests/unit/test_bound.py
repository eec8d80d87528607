"""Arrays that are bound are the same memory."""

import numpy as np
import pytest
from numba import njit

from liandong.kernels.streams.bound import (
    bound,
    byte_grid,
    byte_line,
    grid,
    line,
    real_grid,
    real_line,
    word_grid,
)


@njit
def _doubled(table):
    for found in (line(table, 0), line(table, 1)):
        for i in range(len(found)):
            found[i] *= 2
    wide, real, small = grid(table, 2), real_grid(table, 4), byte_grid(table, 6)
    words = word_grid(table, 7)
    for i in range(wide.shape[0]):
        for j in range(wide.shape[1]):
            wide[i, j] *= 2
    for i in range(real.shape[0]):
        for j in range(real.shape[1]):
            real[i, j] *= 2
            small[i, j] *= 2
            words[i, j] *= 2
    for i in range(len(real_line(table, 3))):
        real_line(table, 3)[i] *= 2
        byte_line(table, 5)[i] *= 2


def test_compiled_code_finds_all_kinds_by_their_addresses() -> None:
    wide = np.arange(12).reshape(3, 4)
    given = (
        np.arange(5), np.arange(0), wide, np.array([0.5, 1.5]), np.array([[1.5, 2.5, 3.5]]),
        np.array([3, 100], np.uint8), np.array([[1, 2, 3]], np.uint8),
        np.array([[1, -2, 3]], np.int32),
    )  # fmt: skip
    expected = [2 * a for a in given]
    _doubled(bound(*given))
    for a, b in zip(given, expected, strict=True):
        assert a.tolist() == b.tolist()


def test_what_does_not_stand_row_by_row_is_refused() -> None:
    with pytest.raises(ValueError, match="row by row"):
        bound(np.zeros((4, 4))[:, 1:])
