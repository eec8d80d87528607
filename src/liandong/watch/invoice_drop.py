"""Signal T2: a firm that suddenly invoices far less than usual."""

import json
from datetime import UTC, date, datetime, time
from math import floor
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, model_validator

from liandong.kernels.statistics.blocks import median_of_last
from liandong.step import Rule, Tables, fold, output
from liandong.step.core import concat
from liandong.step.reasons import reason_list
from liandong.step.totals import must_fit, size
from liandong.types import Rate

Int = NDArray[np.int64]


class InvoiceDropRule(Rule):
    """When a drop of invoicing is a warning.

    Attributes
    ----------
    as_of
        The last day that is looked at.
    block_days, blocks
        Length of a block, and how many blocks before the latest one say what is usual.
    min_blocks
        A firm whose first invoice is fewer whole blocks before the latest one is not judged.
    yellow, orange, red
        Levels: the latest block is below this share of the usual one.
    """

    as_of: date
    block_days: int = Field(default=30, ge=1)
    blocks: int = Field(default=12, ge=1)
    min_blocks: int = Field(default=6, ge=1)
    yellow: Rate = Field(default=Rate(500_000), ge=0, le=1_000_000)
    orange: Rate = Field(default=Rate(300_000), ge=0, le=1_000_000)
    red: Rate = Field(default=Rate(100_000), ge=0, le=1_000_000)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.red <= self.orange <= self.yellow:
            raise ValueError("levels must get graver: red <= orange <= yellow")
        return self

    def levels(self) -> list[tuple[str, float]]:
        """Return the levels with their thresholds as shares, from mild to grave."""
        return [(n, int(getattr(self, n)) / 1e6) for n in ("yellow", "orange", "red")]


class _Drop(NamedTuple):
    """A firm below the first level: its share of the usual amount, its blocks and their median."""

    firm: str
    ratio: float
    blocks: list[int]
    usual: int


def _sums(tables: Tables, rule: InvoiceDropRule) -> Tables:
    """Sum what counts by seller and block; block 0 is the latest."""
    invoice = tables["invoice"]
    day = pa.scalar(rule.as_of)
    known = pc.and_(pc.less_equal(invoice["date"], day), pc.not_equal(invoice["status"], "void"))
    counted = invoice.filter(known)
    age = pc.subtract(day.cast(pa.int32()), counted["date"].cast(pa.int32()))
    block = pc.divide(age, pa.scalar(rule.block_days, pa.int32()))
    rows = pa.table({"seller": counted["seller"], "block": block, "net": counted["net"]})
    return {"sums": _grouped(rows), "size": size(invoice["net"])}


def _grouped(rows: pa.Table) -> pa.Table:
    sums = rows.group_by(["seller", "block"], use_threads=False).aggregate([("net", "sum")])
    return sums.rename_columns(["seller", "block", "net"])


def _merge(left: Tables, right: Tables) -> Tables:
    both = concat(left, right)
    return {**both, "sums": _grouped(both["sums"])}


@fold(
    reads=("invoice", "party"),
    writes=("warning",),
    split=("invoice",),
    rule=InvoiceDropRule,
    partial=_sums,
    merge=_merge,
    part=("as_of",),
)
def invoice_drop(tables: Tables, rule: InvoiceDropRule) -> Tables:
    """Warn of firms whose latest 30 days of invoices fall far below what was usual before.

    Usual is the median of (up to) 12 blocks of 30 days before the latest one. Amounts are net of
    tax; red letters count against the block they are issued in, void invoices count nowhere.
    Judged are the parties of the board that are in being on ``as_of``, with enough history and a
    positive median. Running it again for a day replaces the warnings of that day;
    ``watch.episodes`` joins warnings to alerts.

    Raises
    ------
    DataError
        If amounts are too large to be added up.
    """
    must_fit(tables["size"], "invoice")
    firms = _in_being(tables["party"], rule.as_of)
    sums = tables["sums"].filter(pc.is_in(tables["sums"]["seller"], value_set=firms))
    sellers = pc.unique(sums["seller"])
    net, have = _matrix(sums, sellers, rule)
    usual = median_of_last(net[:, :-1], have)
    judged = (have >= rule.min_blocks) & (usual > 0)
    ratio = np.divide(net[:, -1], usual, where=judged, out=np.full(len(net), np.inf))
    found = [
        _Drop(sellers[i].as_py(), float(ratio[i]), net[i, -1 - have[i] :].tolist(), int(usual[i]))
        for i in np.flatnonzero(ratio < rule.levels()[0][1])
    ]
    return _warnings(found, rule)


def _in_being(party: pa.Table, day: date) -> pa.ChunkedArray:
    begun = pc.fill_null(pc.less_equal(party["valid_from"], pa.scalar(day)), fill_value=True)
    ended = pc.fill_null(pc.less(party["valid_to"], pa.scalar(day)), fill_value=False)
    return party["party_id"].filter(pc.and_not(begun, ended))


def _matrix(sums: pa.Table, sellers: pa.Array, rule: InvoiceDropRule) -> tuple[Int, Int]:
    """Return amounts by seller and block, oldest first, and how many whole blocks each has."""
    row = pc.index_in(sums["seller"], value_set=sellers).to_numpy()
    block = sums["block"].to_numpy()
    recent = block <= rule.blocks
    net = np.zeros((len(sellers), rule.blocks + 1), np.int64)
    net[row[recent], rule.blocks - block[recent]] = sums["net"].to_numpy()[recent]
    first = np.zeros(len(sellers), np.int64)
    np.maximum.at(first, row, block)
    # The block of the first invoice may have begun before the firm did, so it is not whole.
    return net, np.clip(first - 1, 0, rule.blocks)


def _warnings(found: list[_Drop], rule: InvoiceDropRule) -> Tables:
    level = [[(n, t) for n, t in rule.levels() if d.ratio < t][-1] for d in found]
    day = [datetime.combine(rule.as_of, time(), UTC)] * len(found)
    return output(
        "warning",
        rule=[rule.id] * len(found),
        code=["T2"] * len(found),
        subject_id=[d.firm for d in found],
        at=day,
        seen_at=day,
        level=[name for name, _ in level],
        value=[d.ratio for d in found],
        threshold=[threshold for _, threshold in level],
        evidence=[_evidence(d, rule) for d in found],
        reasons=reason_list([[("watch.invoice_drop", floor(d.ratio * 100))] for d in found]),
    )


def _evidence(drop: _Drop, rule: InvoiceDropRule) -> str:
    """Say in JSON what was compared: amounts in fen, blocks oldest first, the last one judged."""
    return json.dumps(
        {
            "block_days": rule.block_days,
            "last_day": rule.as_of.isoformat(),
            "blocks": drop.blocks,
            "median": drop.usual,
        }
    )
