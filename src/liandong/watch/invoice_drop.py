"""Signal T2: a firm that suddenly invoices far less than usual."""

import json
from datetime import date
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
from liandong.types import Rate, stable_id
from liandong.watch.signals.facts import in_being
from liandong.watch.signals.trade import in_blocks

Int = NDArray[np.int64]


class InvoiceDropRule(Rule):
    """When a drop of invoicing is an alert.

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
    writes=("alert",),
    split=("invoice",),
    rule=InvoiceDropRule,
    partial=_sums,
    merge=_merge,
    part=("as_of",),
)
def invoice_drop(tables: Tables, rule: InvoiceDropRule) -> Tables:
    """Alert on firms whose latest 30 days of invoices fall far below what was usual before.

    Usual is the median of (up to) 12 blocks of 30 days before the latest one. Amounts are net of
    tax; red letters count against the block they are issued in, void invoices count nowhere.
    Judged are the parties of the board that are in being on ``as_of``, with enough history and a
    positive median. Running it again for a day replaces the alerts of that day.

    Raises
    ------
    DataError
        If amounts are too large to be added up.
    """
    must_fit(tables["size"], "invoice")
    firms = in_being(tables["party"], rule.as_of)
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
    return _alerts(found, rule)


def _matrix(sums: pa.Table, sellers: pa.Array, rule: InvoiceDropRule) -> tuple[Int, Int]:
    """Return amounts by seller and block, oldest first, and how many whole blocks each has."""
    row = pc.index_in(sums["seller"], value_set=sellers).to_numpy().astype(np.int64)
    block, net = sums["block"].to_numpy().astype(np.int64), sums["net"].to_numpy()
    return in_blocks(row, block, net, len(sellers), rule.blocks)


def _alerts(found: list[_Drop], rule: InvoiceDropRule) -> Tables:
    level = [[(n, t) for n, t in rule.levels() if d.ratio < t][-1] for d in found]
    return output(
        "alert",
        alert_id=[stable_id(rule.id, d.firm, rule.as_of) for d in found],
        rule=[rule.id] * len(found),
        party_id=[d.firm for d in found],
        level=[name for name, _ in level],
        as_of=[rule.as_of] * len(found),
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
