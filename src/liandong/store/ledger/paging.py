"""Counters of accounts as they are kept: in pages of several accounts, each at its place."""

import json
from collections.abc import Sequence
from datetime import datetime

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from liandong.kernels.ledger.digits import digits
from liandong.schema.sql import METADATA, PAGE, WIDTH
from liandong.schema.tables.ledger import COUNTERS
from liandong.store.wire import tell

PLACES = METADATA.tables["balance_place"]
PAGES = METADATA.tables["balance_page"]
_LENGTH = PAGE * len(COUNTERS) * WIDTH
# Bytes are cut where they are known to end, which is quicker than looking for the commas; and that
# only those pages matter is said twice, lest all of them are read.
_PAGES = f"""
WITH state AS (UPDATE ledger_state SET book_time = ?)
UPDATE balance_page p SET counters = u.counters
FROM (
  SELECT page, convert_from(substr(?, ((k - 1) * {_LENGTH + 1} + 1)::int, {_LENGTH}), 'UTF8')
  FROM unnest(string_to_array(?, ',')::int[]) WITH ORDINALITY o(page, k)
) u(page, counters)
WHERE p.page = u.page AND p.page = ANY (string_to_array(?, ',')::int[])
"""  # noqa: S608 - numbers are ours
_TENS = 10 ** np.arange(WIDTH - 1, -1, -1)
Ints = NDArray[np.int64]


def to_text(counters: Ints) -> bytes:
    """Return pages as they are written, each with a comma after it.

    Parameters
    ----------
    counters
        Of shape ``(pages, PAGE, 4)``, none below 0.
    """
    return digits(counters.reshape(len(counters), -1), WIDTH).tobytes()


def of_texts(texts: Sequence[str]) -> Ints:
    """Return the counters of pages, ``(pages, PAGE, 4)``."""
    digits = np.frombuffer("".join(texts).encode(), np.uint8).astype(np.int64) - ord("0")
    return np.asarray((digits.reshape(-1, WIDTH) @ _TENS).reshape(-1, PAGE, len(COUNTERS)))


def place(c: sa.Connection, accounts: Sequence[str], counters: Ints | None = None) -> None:
    """Give accounts the next places, with counters ``(accounts, 4)``, or of nothing."""
    last = c.execute(sa.select(sa.func.max(PLACES.c.place))).scalar()
    first = 0 if last is None else last + 1
    places = range(first, first + len(accounts))
    c.execute(
        sa.insert(PLACES),
        [{"account_id": a, "place": p} for a, p in zip(accounts, places, strict=True)],
    )
    pages = range(-(-first // PAGE), -(-places.stop // PAGE))
    if not pages:
        return
    whole = np.zeros((len(pages) * PAGE, len(COUNTERS)), np.int64)
    if counters is not None:
        whole[: len(counters)] = counters
    texts = _texts(whole.reshape(-1, PAGE, len(COUNTERS)))
    rows = [{"page": p, "counters": t} for p, t in zip(pages, texts, strict=True)]
    c.execute(sa.insert(PAGES), rows)


def read(c: sa.Connection, pages: Sequence[int]) -> Ints:
    """Return the counters of pages in ascending order, ``(pages, PAGE, 4)``."""
    among = "IN (SELECT value FROM json_each(?))"
    if c.dialect.name == "postgresql":
        among = "IN (SELECT value::int FROM json_array_elements_text(%s::json))"
    query = f"SELECT counters FROM balance_page WHERE page {among} ORDER BY page"  # noqa: S608 - ours
    return of_texts([r[0] for r in c.exec_driver_sql(query, (json.dumps([*pages]),))])


def write(c: sa.Connection, pages: Sequence[int], counters: Ints, last: datetime) -> None:
    """Write the counters of pages, ``(pages, PAGE, 4)``, and the last book time.

    It is one statement where each is a way to a server and back.
    """
    if c.dialect.name == "postgresql":
        own = ",".join(map(str, pages))
        tell(c, _PAGES, last, to_text(counters), own, own)
        return
    tell(c, "UPDATE ledger_state SET book_time = ?", last)
    statement = "UPDATE balance_page SET counters = ? WHERE page = ?"
    c.exec_driver_sql(statement, list(zip(_texts(counters), pages, strict=True)))


def _texts(counters: Ints) -> list[str]:
    return to_text(counters).decode("ascii").split(",")[:-1]
