"""Many rows at once: however columns are given, what stands in the books is the same."""

from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa
import sqlalchemy as sa

from liandong.schema.sql import UtcTime
from liandong.store.bulk import add

TIMES = [
    datetime(2026, 3, 2, 12, tzinfo=UTC),
    datetime(1970, 1, 1, 0, 0, 0, 7, UTC),
    datetime(2026, 3, 2, 1, 30, 0, 250_000, timezone(timedelta(hours=8))),
    None,
]
ROWS = {
    "at": TIMES,
    "reasons": [[{"code": "x", "points": 1}], [], [{"code": "联动", "points": 2}], []],
    "held": [True, False, None, True],
}
KINDS = {
    "at": pa.timestamp("us", "UTC"),
    "reasons": pa.list_(pa.struct([("code", pa.string()), ("points", pa.int64())])),
    "held": pa.bool_(),
}


def test_arrow_python_and_sqlalchemy_write_the_same():
    into = sa.Table(
        "moment", sa.MetaData(),
        sa.Column("at", UtcTime), sa.Column("reasons", sa.JSON), sa.Column("held", sa.Boolean),
    )  # fmt: skip
    arrow = {n: pa.chunked_array([v[:1], v[1:]], KINDS[n]) for n, v in ROWS.items()}
    with sa.create_engine("sqlite://").begin() as c:
        into.create(c)
        c.execute(
            sa.insert(into),
            [dict(zip(ROWS, r, strict=True)) for r in zip(*ROWS.values(), strict=True)],
        )
        add(c, into, ROWS)
        add(c, into, arrow)
        add(c, into, {n: v.slice(0, 0) for n, v in arrow.items()})
        stored = c.exec_driver_sql("SELECT at, reasons, held FROM moment").all()
    assert stored[:4] == stored[4:8] == stored[8:]
    assert [at for at, *_ in stored[:4]] == [
        "2026-03-02 12:00:00.000000", "1970-01-01 00:00:00.000007",
        "2026-03-01 17:30:00.250000", None,
    ]  # fmt: skip
