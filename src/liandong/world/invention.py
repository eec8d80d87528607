"""What inventive firms invent: fields of their patents, applications, research staff and spending.

Quality comes first and growth follows, but here growth is drawn already. So quality is drawn given
the growth: for a correlation r, drawing q as r z + sqrt(1 - r^2) e from a normal growth z and noise
e gives the same joint distribution as drawing q first and z from it. Nothing else changes.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

from liandong.kernels.statistics.distributions import normal_quantile
from liandong.schema.arrow import build
from liandong.types import Rate
from liandong.world.arrays import Bools, Floats, Ints, dates, pick
from liandong.world.firms import Cast, Firms
from liandong.world.industries import CODES
from liandong.world.months import Months
from liandong.world.regions import MAINLAND
from liandong.world.truth import Fact

CLUSTERS = (
    ("A01G", "A23L", "C12N", "C05G"),
    ("D01F", "D04H", "D06M", "A41D"),
    ("C08L", "C09D", "C22C", "C04B"),
    ("B23K", "B25J", "B65G", "F16H"),
    ("H01M", "H02J", "H02K", "B60L"),
    ("H01L", "H05K", "G09G", "H01Q"),
    ("G06F", "G06N", "G06Q", "H04L"),
    ("A61B", "A61K", "G01N", "G16H"),
)
"""Subclasses of the International Patent Classification that go together."""
FIELDS = tuple(f for cluster in CLUSTERS for f in cluster)
HOME = {
    "A01": 0, "C13": 0, "C17": 1, "C18": 1, "C26": 2, "C29": 2, "C30": 2, "C33": 2, "B06": 2,
    "C34": 3, "C36": 4, "C38": 4, "C39": 5, "I65": 6, "M75": 7, "G54": 3, "E47": 3,
}  # fmt: skip
"""Cluster of an industry; others invent software."""
YOUNG_YEARS = 10
"""Firms founded less long before the start follow their quality fully, older ones half."""


def draw_quality(
    firms: Firms, inventive: Ints, orders: Floats, share: Rate, months: Months, rng: Generator
) -> Floats:
    """Return the inventive quality of some firms, standard normal over them.

    Parameters
    ----------
    inventive
        Numbers of the firms.
    orders
        Sales by firm and month: all firms, any unit.
    share
        Share of the variance of quality that young firms' growth of orders has in common with it.
    """
    span = min(12, months.count // 2)
    sold = np.maximum(orders[inventive], 0)
    first, last = sold[:, :span].sum(axis=1), sold[:, -span:].sum(axis=1)
    place = np.argsort(np.argsort(np.log((last + 1) / (first + 1)), kind="stable"), kind="stable")
    growth = normal_quantile((place + 0.5) / len(inventive))
    young = int(months.first[0]) - firms.founded[inventive] < YOUNG_YEARS * 365
    r = np.sqrt(share / 1e6) * np.where(young, 1.0, 0.5)
    return np.asarray(r * growth + np.sqrt(1 - r**2) * rng.standard_normal(len(inventive)))


@dataclass(frozen=True)
class Inventions:
    """What offices know of the inventive firms that share their patents.

    Attributes
    ----------
    firms
        Their numbers, ascending.
    quality
        Standard normal.
    patents
        Granted patents by firm, month and field of ``FIELDS``.
    applications
        Applications by firm and month.
    spending
        Yuan spent on research by firm and month, as declared for the tax allowance.
    staff
        People in research by firm and month.
    """

    firms: Ints
    quality: Floats
    patents: Ints
    applications: Ints
    spending: Floats
    staff: Ints

    def table(self, offices: pa.Table, cast: Cast, months: Months) -> pa.Table:
        """Return rows of ``signal``: fields and applications where there are any, the rest always.

        Spending comes by the quarter, and from those who share their taxes; people in research
        from those who share their staff.
        """
        parts = [
            _rows(self.firms, count, ("ip", f"patents.{field}", "patents"), 30, cast, months)
            for field, count in zip(FIELDS, np.moveaxis(self.patents, 2, 0), strict=True)
        ]
        parts.append(_rows(
            self.firms, self.applications, ("ip", "applications", "patents"), 20, cast, months
        ))  # fmt: skip
        quarter = (months.number + 1) % 3 == 0
        summed = np.cumsum(self.spending, axis=1)
        summed[:, 3:] -= summed[:, :-3].copy()
        tax, insured = (_sharing(offices, m, cast, self.firms)
                        for m in ("declared_sales", "insured"))  # fmt: skip
        spent = np.where(quarter & tax[:, None], np.rint(summed), np.nan)
        people = np.where(insured[:, None], self.staff, np.nan)
        parts.append(_rows(self.firms, spent, ("tax", "rd_spend", "yuan"), 25, cast, months))
        parts.append(_rows(self.firms, people, ("staff", "rd_staff", "people"), 20, cast, months))
        return pa.concat_tables(parts)

    def facts(self, cast: Cast, months: Months) -> list[Fact]:
        """Return what was planted: the quality of each firm, in thousandths."""
        start = int(months.first[0])
        return [
            Fact("inventive_firm", cast.ids[int(f)].as_py(), None, start, None,
                 {"quality_milli": round(float(q) * 1e3)})
            for f, q in zip(self.firms, self.quality, strict=True)
        ]  # fmt: skip


def draw_inventions(
    offices: pa.Table, firms: Firms, orders: Floats, insured: Ints, share: Rate, cast: Cast,
    months: Months, rng: Generator,
) -> Inventions:  # fmt: skip
    """Draw what the firms with patents invent; better ones more, and in related fields.

    Parameters
    ----------
    offices
        ``signal`` of the offices: who has patents, and how many.
    orders
        Sales by firm and month in yuan.
    insured
        Staff by firm and month.
    share
        As in :func:`draw_quality`.
    """
    inventive, granted = _granted(offices, cast, months)
    quality = draw_quality(firms, inventive, orders, share, months, rng)
    shape = (len(inventive), months.count)
    pace = (granted.sum(axis=1) + 1) / months.count * np.exp(0.4 * quality)
    intensity = 0.04 * np.exp(0.5 * quality + rng.normal(0, 0.5, len(inventive)))
    spending = intensity[:, None] * np.maximum(orders[inventive], 0) * rng.lognormal(0, 0.2, shape)
    part = np.minimum(0.1 * np.exp(0.4 * quality + rng.normal(0, 0.5, len(inventive))), 0.7)
    return Inventions(
        inventive, quality, _by_field(firms, inventive, granted, quality, rng),
        rng.poisson(pace[:, None], shape), spending,
        np.rint(part[:, None] * insured[inventive]).astype(np.int64),
    )  # fmt: skip


def _granted(offices: pa.Table, cast: Cast, months: Months) -> tuple[Ints, Ints]:
    """Return the firms that share their patents, and how many they were granted by month."""
    rows = offices.filter(pc.equal(offices["measure"], "patents"))
    firm = pc.index_in(rows["party_id"], value_set=cast.ids).to_numpy().astype(np.int64)
    month = pc.index_in(rows["period"], value_set=pa.array(months.names)).to_numpy()
    inventive, place = np.unique(firm, return_inverse=True)
    granted = np.zeros((len(inventive), months.count), np.int64)
    granted[place, month] = rows["value"].to_numpy()
    return inventive, granted


def _by_field(
    firms: Firms, inventive: Ints, granted: Ints, quality: Floats, rng: Generator
) -> Ints:
    """Spread patents over fields: the better the firm, the more in those it and its region know."""
    width = len(CLUSTERS[0])
    home = np.array([HOME.get(c, 6) for c in CODES])[firms.industry[inventive]]
    local = rng.integers(0, len(CLUSTERS), len(MAINLAND))[firms.region[inventive]]
    firm, month = (
        np.repeat(at, granted.ravel()) for at in np.indices(granted.shape).reshape(2, -1)
    )
    rows = len(firm)
    related = rng.random(rows) < 1 / (1 + np.exp(-0.7 * quality[firm] - 0.4))
    cluster = np.where(rng.random(rows) < 0.7, home[firm], local[firm])
    cluster = np.where(related, cluster, rng.integers(0, len(CLUSTERS), rows))
    field = cluster * width + rng.integers(0, width, rows)
    found = np.zeros((*granted.shape, len(FIELDS)), np.int64)
    np.add.at(found, (firm, month, field), 1)
    return found


def _sharing(offices: pa.Table, measure: str, cast: Cast, firms: Ints) -> Bools:
    """Tell which of the firms share a measure."""
    who = pc.unique(offices["party_id"].filter(pc.equal(offices["measure"], measure)))
    return np.isin(firms, pc.index_in(who, value_set=cast.ids).to_numpy())


def _rows(
    firms: Ints, values: Ints | Floats, what: tuple[str, str, str], lag: int, cast: Cast,
    months: Months,
) -> pa.Table:  # fmt: skip
    """Return rows of ``signal`` for what is known; whole numbers of 0 are not written."""
    known = values > 0 if values.dtype.kind == "i" else ~np.isnan(values)
    firm, month = np.nonzero(known)
    source, measure, unit = (pa.repeat(w, len(firm)) for w in what)
    return build("signal", {
        "party_id": pick(cast.ids, firms[firm]),
        "source": source,
        "measure": measure,
        "period": pick(months.names, month),
        "value": values[known].astype(np.float64),
        "unit": unit,
        "seen_at": dates(months.first[month + 1] + lag),
    })  # fmt: skip
