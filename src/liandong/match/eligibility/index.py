"""The index: criteria, terms and prices as maps of bits, and the pairs that they leave open."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.allocation.bitmap import LEAST, MOST, WORD, Axes, build, count, fill, locate
from liandong.match.eligibility.applicants import Applicants
from liandong.match.eligibility.criteria import Band, Criteria, Members
from liandong.match.eligibility.measures import TRAITS, covers
from liandong.match.eligibility.rules import QuoteRule
from liandong.match.pricing.terms import Terms
from liandong.types import PPM

Int = NDArray[np.int64]
Int32 = NDArray[np.int32]
Bool = NDArray[np.bool_]


class Pairs(NamedTuple):
    """Pairs of a project and a product, projects outermost; CSR.

    Attributes
    ----------
    start
        Shape (projects + 1,), where the products of each project begin.
    product
        Shape (pairs,), ascending within a project.
    """

    start: Int
    product: Int32

    @property
    def project(self) -> Int:
        """The project of each pair."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))


def open_pairs(
    values: Int,
    known: Bool,
    codes: Int32,
    axes: Axes,
    threads: int = 1,
    *,
    closed: Bool | None = None,
) -> Pairs:
    """Return the pairs that are open on all axes.

    Parameters
    ----------
    values, known
        Shape (bands, n), numbers of each project and whether they are known.
    codes
        Shape (sets, n), the code of each project in each set.
    axes
        As of :func:`liandong.kernels.allocation.bitmap.build`.
    threads
        How many work at a time; they change nothing in the result.
    closed
        Shape (n,), projects to which nothing is open.

    Examples
    --------
    >>> axes = build(np.array([[10, LEAST]]), np.array([[MOST, 19]]), [])
    >>> two = np.array([[5, 15]]), np.ones((1, 2), bool)
    >>> open_pairs(*two, np.zeros((0, 2), np.int32), axes).product.tolist()
    [1, 0, 1]
    """
    n = values.shape[1]
    rows = np.empty((n, len(axes.map_at)), np.int32)
    found = np.empty(n, np.int64)
    spans = [slice(n * t // threads, n * (t + 1) // threads) for t in range(threads)]

    def look(span: slice) -> None:
        locate(values[:, span], known[:, span], codes[:, span], axes, rows[span])
        count(rows[span], axes.maps, found[span])

    def write(span: slice) -> None:
        fill(rows[span], axes.maps, every[span], product)

    _all(look, spans)
    every = np.append(0, np.cumsum(found))
    product = np.empty(every[-1], np.int32)
    _all(write, spans)
    if closed is None or not closed.any():
        return Pairs(every, product)
    start = np.append(0, np.cumsum(np.where(closed, 0, found)))
    return Pairs(start, product[np.repeat(~closed, found)])


def _all(work: Callable[[slice], None], spans: list[slice]) -> None:
    if len(spans) == 1:
        work(spans[0])
        return
    with ThreadPoolExecutor(len(spans)) as pool:
        list(pool.map(work, spans))


@dataclass(frozen=True)
class Index:
    """What products ask for, ready to be looked up.

    Attributes
    ----------
    terms, criteria
        What products are and whom they are for.
    bands
        What is asked of a number, by measure: criteria, amounts, terms, prices and the rule.
    codes
        Shape (sets, projects), the code of each project in each set of the criteria.
    axes
        The maps.
    """

    terms: Terms
    criteria: Criteria
    bands: dict[str, Band]
    codes: Int32
    axes: Axes

    @classmethod
    def of(cls, terms: Terms, criteria: Criteria, who: Applicants, rule: QuoteRule) -> "Index":
        """Build the index for all values that applicants have."""
        bands = _bands(terms, criteria, rule)
        coded = [_coded(who, name, m, len(terms.most)) for name, m in criteria.sets.items()]
        low, high = (np.array([b[side] for b in bands.values()]) for side in (0, 1))
        axes = build(low, high, [accepted for _, accepted in coded])
        codes = np.array([code for code, _ in coded], np.int32).reshape(len(coded), len(who.need))
        return cls(terms, criteria, bands, codes, axes)

    def numbers(self, who: Applicants) -> tuple[Int, Bool]:
        """Return numbers of projects and whether they are known, shape (bands, projects) each."""
        found = [who.numbers[m] for m in self.bands]
        return np.array([k.value for k in found]), np.array([k.known for k in found])

    def pairs(self, who: Applicants, closed: Bool, threads: int = 1) -> Pairs:
        """Return the pairs that are open to all projects but those ``closed``."""
        values, known = self.numbers(who)
        return open_pairs(values, known, self.codes, self.axes, threads, closed=closed)

    def accepts(self, name: str, project: Int, product: Int) -> Bool:
        """Tell which pairs a set accepts."""
        s = list(self.criteria.sets).index(name)
        row = self.axes.map_at[len(self.bands) + s] + self.codes[s, project]
        bit = (product & (WORD - 1)).astype(np.uint64)
        return np.asarray(self.axes.maps[row, product // WORD] >> bit & np.uint64(1) == 1)


def _bands(terms: Terms, criteria: Criteria, rule: QuoteRule) -> dict[str, Band]:
    """Return what is asked of each number, from all that asks; what bounds nothing is left out."""
    void = terms.most // terms.step * terms.step < terms.least
    none = Band.open(len(void))
    revenue = least_revenue(terms.least, rule.revenue_share)
    asked = {
        # No whole step of such a product is small enough: nothing is open.
        "amount": Band(terms.least, np.where(void, LEAST, MOST)),
        "term": Band(none.low, terms.term),
        "pd": Band(np.zeros(len(void), np.int64), terms.bearable(rule.capital)),
        "age": Band(np.full(len(void), rule.min_age_days or LEAST), none.high),
        "revenue": Band(revenue, np.where(revenue == MOST, LEAST, MOST)),
    }
    both = {n: (b, asked.get(n, none)) for n, b in criteria.bands.items()}
    out = {n: Band(np.maximum(a[0], b[0]), np.minimum(a[1], b[1])) for n, (a, b) in both.items()}
    return {n: b for n, b in out.items() if (b.low > LEAST).any() or (b.high < MOST).any()}


def least_revenue(least: Int, share: int) -> Int:
    """Return the yearly sales of which ``share`` (ppm) is ``least`` (fen), rounded up.

    MOST where no sales are enough.
    """
    if not share:
        return np.full(len(least), MOST)
    return np.array([min(-(-int(a) * PPM // share), MOST) for a in least.tolist()], np.int64)


def _coded(who: Applicants, name: str, members: Members, products: int) -> tuple[Int32, Bool]:
    """Return the code of each project in a set, and which products accept each code."""
    column = who.traits[TRAITS[name].of].dictionary_encode()
    values = column.dictionary
    words, place = np.unique(np.array(members.member, str), return_inverse=True)
    hits = np.zeros((len(values) + 1, len(words)), bool)  # what is not known hits nothing
    for w, word in enumerate(words.tolist()):
        hits[:-1, w] = covers(values, word, TRAITS[name])
    # Many values, few different sets of words that they hit: a code for each of these.
    kinds, kind = np.unique(hits, axis=0, return_inverse=True) if len(words) else (
        hits[:1], np.zeros(len(hits), np.int64)
    )  # fmt: skip
    member = np.zeros((products, len(words)), np.int64)
    member[members.product, place] = 1
    hit = kinds.astype(np.int64) @ member.T > 0
    asked = member.any(axis=1)
    accepted = ~hit if TRAITS[name].forbids else hit | ~asked
    at = pc.fill_null(column.indices, len(values)).to_numpy(zero_copy_only=False)
    return kind.reshape(-1)[at].astype(np.int32), accepted
