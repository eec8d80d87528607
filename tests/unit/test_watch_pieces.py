"""The log of a watch: few events and many, and a tail that nobody committed."""

import numpy as np
import pyarrow as pa

from liandong.store.pieces import Pieces
from support.happenings import HOUR, Happening, table_of

START = 1_700_000_000_000_000


def _events(first: int, many: int) -> pa.Table:
    rows = [
        Happening(f"e{n}", "bank", n, START + n * HOUR, START + n * HOUR, "payment_in", f"F{n % 7}",
                  None if n % 3 else "C", n, None)
        for n in range(first, first + many)
    ]  # fmt: skip
    return table_of(rows)


def test_few_and_many_events_are_read_as_they_were_written(tmp_path) -> None:
    pieces = Pieces(tmp_path / "log")
    parts = [_events(first, many) for first, many in ((0, 10), (10, 5_000), (5_010, 1))]
    sizes = [pieces.append(part, "{}" if n == 0 else None)[1] for n, part in enumerate(parts)]
    assert (np.diff(sizes) > 0).all()
    pieces.append(_events(5_011, 5_000), None)  # which no transaction names
    pieces.close()
    again = Pieces(tmp_path / "log")
    before, found = again.read(1, sizes[-1])
    assert not list(before)
    assert found.equals(pa.concat_tables(parts))
    assert again.last is not None
    assert (again.last.rows, again.last.said) == (5_011, "{}")
