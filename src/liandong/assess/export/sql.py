"""A scorecard as one SELECT that DuckDB, PostgreSQL and Spark run alike.

Databases read decimal literals in their own ways, so every edge is written with an exponent, which
all three take as a double. NaN is greater than infinity in all three, which is how it is found.
Signed integers add up the points; the probability of default is the formula of
:meth:`Scaling.pd`, rounded to ppm.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from liandong.assess.card.scorecard import Characteristic, Pair, Scorecard
from liandong.errors import UsageError
from liandong.texts import both

STEEP = "700e0"
"""Beyond e^700 some databases refuse; the probability is 0 or 1 long before."""
LARGEST = "1.7976931348623157e308"


class Dialect(NamedTuple):
    """What differs between databases: the quote of names, the type of doubles."""

    quote: str
    double: str


DIALECTS = {
    "duckdb": Dialect('"', "DOUBLE"),
    "postgres": Dialect('"', "DOUBLE PRECISION"),
    "spark": Dialect("`", "DOUBLE"),
}


def to_sql(
    card: Scorecard, grades: Mapping[str, int], *, dialect: str = "duckdb",
    layout: str = "wide", source: str = "", keys: Sequence[str] = ("party_id",),
    withheld: bool = True,
) -> str:  # fmt: skip
    """Write a scorecard as SQL.

    Parameters
    ----------
    card
        The scorecard.
    grades
        Bound of the probability of default (ppm) of each grade, as in ``ScoreRule``.
    dialect
        One of ``DIALECTS``.
    layout
        ``wide``: the source has a column for each measure. ``long``: it is shaped as the table
        ``feature``; the keys are party and day.
    source
        Name of the table or view; ``applicant`` (wide) or ``feature`` (long) if empty.
    keys
        Columns of a wide source that come out beside the score.
    withheld
        Whether a wide source has a Boolean ``MEASURE_withheld`` beside each measure; without them
        all that is null is absent.

    Returns
    -------
    str
        One SELECT of the keys, points by term, ``points``, ``pd`` in ppm, and ``grade``.

    Raises
    ------
    UsageError
        If the dialect is not known.
    """
    if dialect not in DIALECTS:
        what = both("fault.dialect", name=dialect)
        raise UsageError(what=what, remedy=both("advice.known", known=", ".join(DIALECTS)))
    kept = keys if layout == "wide" else ("party_id", "as_of")
    writer = _Writer(card, DIALECTS[dialect], kept, withheld=withheld or layout == "long")
    name = source or {"wide": "applicant", "long": "feature"}[layout]
    return writer.whole(name if layout == "wide" else writer.pivot(name), grades)


class _Writer:
    def __init__(
        self, card: Scorecard, dialect: Dialect, keys: Sequence[str], *, withheld: bool
    ) -> None:
        self.card = card
        self.dialect = dialect
        self.withheld = withheld
        self.keys = [self.name(k) for k in keys]

    def name(self, text: str) -> str:
        q = self.dialect.quote
        return q + text.replace(q, 2 * q) + q

    def whole(self, source: str, grades: Mapping[str, int]) -> str:
        """Return the query: cells where pairs need them, points by term, the sum, the rest."""
        points = [self.name(f"{t}_points") for t in self.card.terms]
        columns = ", ".join([*self.keys, *points])
        scale = self.card.scaling
        odds = f"(points - {number(scale.offset)}) / {number(scale.factor)}"
        # Not "--": a query that begins so looks like an option to a command line.
        head = f"/* Scorecard {self.card.id}: base {self.card.base}, {scale.at} points = odds"
        share = f"1e0 / (1e0 + EXP(LEAST(GREATEST({odds}, -{STEEP}), {STEEP})))"
        return "\n".join([
            f"{head} {scale.odds}:1, {scale.pdo} points double them */",
            f"SELECT {columns}, points, pd, {_grade(grades)} AS grade FROM (",
            f"SELECT {columns}, points, CAST(ROUND(1e6 * ({share})) AS INTEGER) AS pd FROM (",
            f"SELECT {columns}, {' + '.join([str(self.card.base), *points])} AS points FROM (",
            f"SELECT {', '.join(self.keys)},",
            ",\n".join(self._terms()),
            f"FROM {self._celled(source)}) t) s) p",
        ])  # fmt: skip

    def _terms(self) -> Iterator[str]:
        for c in self.card.characteristics:
            case = self._case(c, [*map(str, c.points), "0"])
            yield f"  {case} AS {self.name(f'{c.measure}_points')}"
        for p in self.card.pairs:
            yield f"  {self._pair(p)} AS {self.name(f'{p.name}_points')}"

    def _case(self, c: Characteristic, worth: list[str]) -> str:
        """Return what the cell of a characteristic is worth: bins, absent, silent."""
        x = self.name(c.measure)
        *bins, absent, silent = worth
        hidden = f" WHEN {self.name(f'{c.measure}_withheld')} THEN {silent}"
        start = f"CASE{hidden * self.withheld}"
        if c.levels:
            groups = (", ".join(map(_text, g)) for g in c.levels)
            found = (f"WHEN {x} IN ({g}) THEN {w}" for g, w in zip(groups, bins, strict=True))
            return f"{start} WHEN {x} IS NULL THEN {absent} {' '.join(found)} ELSE {silent} END"
        lacks = f"{x} IS NULL OR {x} > CAST('Infinity' AS {self.dialect.double})"
        below = (f"WHEN {x} <= {number(e)} THEN {w}" for e, w in zip(c.edges, bins, strict=False))
        return f"{start} WHEN {' '.join([f'{lacks} THEN {absent}', *below])} ELSE {bins[-1]} END"

    def _pair(self, pair: Pair) -> str:
        first, second = map(self._cell, pair.measures)
        rows = []
        for i, row in enumerate(pair.points):
            inner = " ".join(f"WHEN {j} THEN {p}" for j, p in enumerate(row))
            rows.append(f"WHEN {i} THEN CASE {second} {inner} ELSE 0 END")
        return f"CASE {first} {' '.join(rows)} ELSE 0 END"

    def _cell(self, measure: str) -> str:
        return self.name(f"{measure}_cell")

    def _celled(self, source: str) -> str:
        paired = {m for p in self.card.pairs for m in p.measures}
        cells = [
            f"{self._case(c, [str(i) for i in range(c.bins + 2)])} AS {self._cell(c.measure)}"
            for c in self.card.characteristics
            if c.measure in paired
        ]
        return f"(SELECT *, {', '.join(cells)} FROM {source}) c" if cells else source

    def pivot(self, source: str) -> str:
        """Return the wide form of a table shaped as ``feature``; what is not finite is absent."""
        finite = f"value BETWEEN -{LARGEST} AND {LARGEST}"
        columns = [
            f"MAX(CASE WHEN measure = {_text(m)} AND {finite} THEN value END) AS {self.name(m)}, "
            f"MAX(CASE WHEN measure = {_text(m)} AND withheld THEN 1 ELSE 0 END) = 1"
            f" AS {self.name(f'{m}_withheld')}"
            for m in self.card.measures
        ]
        keys = ", ".join(self.keys)
        parts = ",\n".join([keys, *columns])
        return f"(SELECT {parts}\nFROM {source} GROUP BY {keys}) w"


def _grade(grades: Mapping[str, int]) -> str:
    *lower, worst = sorted(grades, key=grades.__getitem__)
    cases = " ".join(f"WHEN pd < {int(grades[g])} THEN {_text(g)}" for g in lower)
    return f"CASE {cases} ELSE {_text(worst)} END" if lower else _text(worst)


def number(value: float) -> str:
    """Write a double so that every dialect reads that very double.

    Examples
    --------
    >>> number(0.1), number(-12.0), number(1e-07)
    ('0.1e0', '-12.0e0', '1e-07')
    """
    shown = repr(float(value))
    return shown if "e" in shown else f"{shown}e0"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
