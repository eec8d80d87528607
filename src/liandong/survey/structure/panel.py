"""One table of regions by items for each kind of output, period and vintage; its faults named."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.scores.complexity import Complexity, complexity, parts
from liandong.kernels.scores.relatedness import balassa
from liandong.schema.arrow import empty
from liandong.schema.tables.structure import UNDEFINED
from liandong.step import Rule, Tables, output
from liandong.types import Rate

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]
Int = NDArray[np.int64]

NAMES = ("kind", "period", "vintage")
ALL = "all"
"""Subject of what is said of a whole panel."""
ROUNDING = 1e-12
"""An advantage of 1 may come out this much smaller."""
MOST = 1e100
"""What is larger is no number of anything; squares of less can be told."""
NAMED = 20
"""Names that a caution tells at most; ``number`` tells how many there are."""
LEAST = 3
"""Regions, and items, without which an index has nothing to compare."""


class PanelRule(Rule):
    """When regions are compared at all.

    Attributes
    ----------
    least_total
        Regions that make less than this share of what the mean region makes are left out, and
        named: next to nothing can give any structure.
    least_gap
        How much smaller the third eigenvalue must be than the second, as a share of it: if they
        are close, the eigenvector is a matter of chance.
    least_sign
        Least correlation of complexity with the number of advantages: it tells which end of the
        eigenvector is the complex one.
    """

    least_total: Rate = Rate(10_000)
    least_gap: Rate = Rate(10_000)
    least_sign: Rate = Rate(100_000)


class Caution(NamedTuple):
    """What is to be known of a panel before its figures are believed."""

    code: str
    number: int
    value: float | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Panel:
    """What regions make of what, in one period and vintage.

    Attributes
    ----------
    kind, period, vintage
        Which panel it is.
    regions, items
        Ascending; only those that make something, or of which something is made.
    value
        Shape (regions, items); 0 where it is hidden.
    hidden
        Same shape: cells that are suppressed, or cannot be meant.
    rca, holds
        Balassa's advantage, and where it is 1 or more.
    cautions
        What was found out on the way.
    """

    kind: str
    period: str
    vintage: str
    regions: list[str]
    items: list[str]
    value: Float
    hidden: Bool
    rca: Float
    holds: Bool
    cautions: list[Caution] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, str]:
        """Kind, period and vintage."""
        return self.kind, self.period, self.vintage

    def columns(self, rows: int) -> dict[str, list[str]]:
        """Return kind, period and vintage as columns of so many rows."""
        return {n: [v] * rows for n, v in zip(NAMES, self.key, strict=True)}

    @property
    def free(self) -> Bool:
        """Which items a region is known not to be strong in."""
        return ~self.holds & ~self.hidden


def panels(tables: Tables, rule: PanelRule, *, newest: bool = False) -> Iterator[Panel]:
    """Return the panels of ``region_output`` by kind, vintage and period.

    Parameters
    ----------
    newest
        Only the last period of each kind and vintage.
    """
    rows = _Rows.of(tables["region_output"])
    known = set(tables["region"]["region_id"].to_pylist())
    every = rows.cases()
    last = {(c["kind"], c["vintage"]): c["period"] for c, _ in every}
    order = [c for c, _ in every]
    for case, which in every:
        if not newest or case["period"] == last[case["kind"], case["vintage"]]:
            key = case["kind"], case["period"], case["vintage"]
            yield _panel(rows.take(which), key, rule, _around(case, order), known)


class _Coded(NamedTuple):
    """A column of texts: its words, ascending, and the place of each row's word among them."""

    words: list[str]
    at: NDArray[np.integer[Any]]

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> "_Coded":
        coded = column.dictionary_encode().combine_chunks()
        place = pc.sort_indices(coded.dictionary).to_numpy()
        # Millions of rows have few words: a byte or two each will do.
        where = np.empty(len(place), np.min_scalar_type(len(place)))
        where[place] = np.arange(len(place))
        words = coded.dictionary.take(pa.array(place)).to_pylist()
        return cls(words, where[coded.indices.to_numpy()])

    def take(self, which: Int) -> "_Coded":
        """Return some rows, with the words they have."""
        there = np.bincount(self.at[which], minlength=len(self.words)) > 0
        return _Coded(_those(self.words, there), (np.cumsum(there) - 1)[self.at[which]])


class _Rows(NamedTuple):
    """Rows of ``region_output`` as numbers."""

    text: dict[str, _Coded]
    value: Float
    secret: Bool

    @classmethod
    def of(cls, rows: pa.Table) -> "_Rows":
        names = (*NAMES, "region_id", "item", "unit")
        value = pc.fill_null(rows["value"], 0.0).to_numpy()
        return cls(
            {n: _Coded.of(rows[n]) for n in names}, value, rows["value"].is_null().to_numpy()
        )

    def cases(self) -> list[tuple[dict[str, str], Int]]:
        """Return each kind, vintage and period, in this order, with the numbers of its rows."""
        text = [self.text[n] for n in ("kind", "vintage", "period")]
        shape = tuple(max(len(t.words), 1) for t in text)
        code = np.zeros(len(self.value), np.int32)  # there are millions of rows, and few cases
        for t, size in zip(text, shape, strict=True):
            code *= size
            code += t.at
        found = []
        for case in np.flatnonzero(np.bincount(code)):
            at = np.unravel_index(case, shape)
            words = {n: t.words[int(k)] for n, t, k in
                     zip(("kind", "vintage", "period"), text, at, strict=True)}  # fmt: skip
            found.append((words, np.flatnonzero(code == case)))
        return found

    def take(self, which: Int) -> "_Rows":
        """Return some rows, of one kind, period and vintage."""
        text = {n: self.text[n].take(which) for n in ("region_id", "item", "unit")}
        return _Rows(text, self.value[which], self.secret[which])


def _around(case: dict[str, str], order: list[dict[str, str]]) -> list[Caution]:
    """Name other vintages of the period, and years that are missing before it."""
    same = [c for c in order if c["kind"] == case["kind"]]
    vintages = tuple(sorted(c["vintage"] for c in same if c["period"] == case["period"]))
    found = [Caution("mixed_vintages", len(vintages), None, vintages)] if len(vintages) > 1 else []
    years = sorted(c["period"] for c in same if c["vintage"] == case["vintage"])
    if case["period"] == years[-1] and all(y.isdigit() and len(y) == 4 for y in years):
        gaps = tuple(str(y) for y in range(int(years[0]), int(years[-1])) if str(y) not in years)
        found += [Caution("missing_periods", len(gaps), None, gaps)] if gaps else []
    return found


def _panel(
    rows: _Rows, key: tuple[str, str, str], rule: PanelRule, said: list[Caution], known: set[str]
) -> Panel:
    units, regions, items = (rows.text[n].words for n in ("unit", "region_id", "item"))
    if len(units) > 1:
        return _nothing(key, [*said, Caution("mixed_units", len(units), None, tuple(units))])
    value, hidden, faults = _cells(rows)
    said = [*said, *faults, *_places(regions, known)]
    if not value.any():
        return _nothing(key, [*said, Caution("all_zero", value.size)])
    stays, drops = _enough(value, regions, rule)
    there = np.asarray((value[stays] > 0).any(axis=0))
    gone = tuple(_those(items, ~there))
    drops += [Caution("empty_item", len(gone), None, gone)] if gone else []
    if drops:
        keep = np.ix_(stays, there)
        value, hidden = value[keep], hidden[keep]
    rca = balassa(value)
    near = int((np.abs(rca - 1) <= ROUNDING).sum())
    drops += [Caution("on_the_cut", near)] if near else []
    regions, items = _those(regions, stays), _those(items, there)
    holds: Bool = rca >= 1 - ROUNDING
    return Panel(*key, regions, items, value, hidden, rca, holds, [*said, *drops])


def _those(names: list[str], which: Bool) -> list[str]:
    return [n for n, kept in zip(names, which.tolist(), strict=True) if kept]


def _nothing(key: tuple[str, str, str], said: list[Caution]) -> Panel:
    none: Float = np.zeros((0, 0))
    return Panel(*key, [], [], none, none > 0, none, none > 0, said)


def _cells(rows: _Rows) -> tuple[Float, Bool, list[Caution]]:
    """Return the values by region and item, which cells are hidden, and why."""
    region, item = rows.text["region_id"], rows.text["item"]
    shape = (len(region.words), len(item.words))
    cell, given = region.at.astype(np.int64) * shape[1] + item.at, rows.value
    times = np.bincount(cell, minlength=shape[0] * shape[1])
    bad = {
        "suppressed": rows.secret,
        "not_finite": ~(np.abs(given) < MOST),
        "negative": given < 0,
        "duplicate": times[cell] > 1,
    }
    hidden = np.zeros(len(times), bool)
    said = []
    for code, which in bad.items():
        hidden[cell[which]] = True
        count = len(np.unique(cell[which]))
        said += [Caution(code, count, count / len(times))] if count else []
    value = np.zeros(len(times))
    value[cell] = given
    value[hidden] = 0.0
    return value.reshape(shape), hidden.reshape(shape), said


def _places(regions: list[str], known: set[str]) -> list[Caution]:
    """Name regions that no table of regions knows, and those that lie within another one."""
    strange = tuple(r for r in regions if r not in known) if known else ()
    all_ = set(regions)
    inside = tuple(
        r for r in regions if any(up != r and up in all_ for up in (r[:2] + "0000", r[:4] + "00"))
    )
    found = (("unknown_region", strange), ("nested_regions", inside))
    return [Caution(code, len(names), None, names) for code, names in found if names]


def _enough(value: Float, regions: list[str], rule: PanelRule) -> tuple[Bool, list[Caution]]:
    """Tell which regions make enough, and name those that make nothing or next to nothing."""
    total = value.sum(axis=1)
    least = total.mean() * rule.least_total / 1e6
    empty: Bool = total == 0
    small = (total > 0) & (total < least)
    said = []
    for code, which in (("empty_region", empty), ("small_total", small)):
        names = tuple(_those(regions, which))
        said += [Caution(code, len(names), least if code == "small_total" else None, names)
                 ] if names else []  # fmt: skip
    return ~empty & ~small, said


def judged(panel: Panel, rule: PanelRule) -> tuple[Complexity, list[Caution]]:
    """Return the complexity of a panel, and why it has none if all places and fields are nan.

    The eigenvalues are told even where it is they that speak against it.
    """
    shape = panel.value.shape
    none = Complexity(np.full(shape[0], np.nan), np.full(shape[1], np.nan), *3 * (np.nan,))
    if not shape[0]:
        return none, []
    if min(shape) < LEAST:
        return none, [Caution("too_few", min(shape))]
    apart = _apart(panel)
    if apart:
        return none, [apart]
    found = complexity(panel.holds)
    said = _weak(panel, found, rule)
    return (found._replace(places=none.places, fields=none.fields) if said else found), said


def _apart(panel: Panel) -> Caution | None:
    """Name the regions outside the largest component, if there are several."""
    root = parts(panel.holds)
    names, sizes = np.unique(root, return_counts=True)
    if len(names) == 1:
        return None
    largest = names[sizes.argmax()]
    out = tuple(r for r, p in zip(panel.regions, root, strict=False) if p != largest)
    return Caution("disconnected", len(names), None, out)


def _weak(panel: Panel, found: Complexity, rule: PanelRule) -> list[Caution]:
    if np.isnan(found.places).any():
        return [Caution("alike", len(panel.regions), found.second)]
    said = []
    if np.isnan(found.sign):
        said.append(Caution("equal_diversity", int(panel.holds[0].sum())))
    elif found.sign < rule.least_sign / 1e6:
        said.append(Caution("sign_unclear", len(panel.regions), found.sign))
    gap = 1 - found.third / found.second
    if gap < rule.least_gap / 1e6:
        said.append(Caution("close_eigenvalues", len(panel.regions), gap))
    return said


def caution_table(about: str, found: Iterable[tuple[tuple[str, str, str], Caution]]) -> Tables:
    """Return ``survey_caution``: what is to be known of the panels of some results."""
    rows = list(found)
    columns = zip(*(k for k, _ in rows), strict=True) if rows else ((), (), ())
    return output(
        "survey_caution",
        about=[about] * len(rows),
        **dict(zip(NAMES, columns, strict=True)),
        code=[c.code for _, c in rows],
        subject=[c.names[0] if c.number == len(c.names) == 1 else ALL for _, c in rows],
        weight=["undefined" if c.code in UNDEFINED else "caution" for _, c in rows],
        count=[c.number for _, c in rows],
        value=[c.value for _, c in rows],
        evidence=[json.dumps(c.names[:NAMED], ensure_ascii=False) for _, c in rows],
    )


def ppm(share: float) -> int:
    """Return a share in parts per million to a tenth of a percent, as reasons tell it."""
    return 1_000 * round(1_000 * share)


def together(parts_: Iterable[Tables], *names: str) -> Tables:
    """Return the rows of several results in one, by the names of the tables."""
    found = list(parts_)
    return {n: pa.concat_tables([empty(n), *(t[n] for t in found)]) for n in names}
