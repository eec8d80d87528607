"""How complex what places make is: the complexity index, fitness, and how sure the ranks are.

The index of Hidalgo and Hausmann (PNAS 106, 2009) as an eigenvector, fitness after Tacchella and
others (Scientific Reports 2, 2012). Places are regions, fields are what they may be strong in.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from liandong.kernels.graphs.components import components

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]
Int = NDArray[np.int64]

EXACT, ROUGH = 1e-14, 1e-6
"""What may be left over of an eigenvector: 1 is its length."""
NOTHING = 1e-9
"""An eigenvalue that is no further from 0 or 1, and scores that are no further apart, are equal."""
LEAST_KEPT = 0.5
"""Share of the draws that must hold together for an interval."""


class Complexity(NamedTuple):
    """The complexity of places and fields, and what tells whether it means anything.

    Attributes
    ----------
    places, fields
        The index of each place, of mean 0 and standard deviation 1 over the places; and of each
        field, the mean of those that hold it.
    second, third
        The eigenvalues that follow the trivial one; the index is that of the second.
    sign
        Correlation with the number of fields held, not negative; nan where all hold as many. It
        decides which end of the eigenvector is the complex one.
    """

    places: Float
    fields: Float
    second: float
    third: float
    sign: float


def parts(holds: Bool) -> Int:
    """Return the component of each place and then of each field, named by its least member.

    Parameters
    ----------
    holds
        Shape (places, fields).

    Examples
    --------
    >>> parts(np.array([[True, False], [False, True]])).tolist()
    [0, 1, 0, 1]
    """
    place, field = np.nonzero(holds)
    return components(place, field + len(holds), sum(holds.shape))


def complexity(holds: Bool) -> Complexity:
    """Return the complexity of places and fields that hang together.

    With D and U the diagonal matrices of how many fields a place holds and how many places hold a
    field, S = D^-1/2 M U^-1/2 has the trivial singular value 1; the index is D^-1/2 u for the
    left singular vector u that comes next. Work is on the smaller side of M.

    Parameters
    ----------
    holds
        M, shape (places, fields), of one component (see :func:`parts`); every place holds a field,
        and every field is held.

    Returns
    -------
    Complexity
        All nan where nothing comes after the trivial eigenvalue: all places hold the same.

    Examples
    --------
    >>> found = complexity(np.array([[1, 1, 1], [1, 1, 0], [0, 1, 0]], bool))
    >>> found.places.round(3).tolist(), round(found.second, 3), round(found.third, 3)
    ([1.225, 0.0, -1.225], 0.25, 0.111)
    """
    side = _Side.of(holds, np.ones(holds.shape[1]))
    second, vector = side.top([side.trivial], None, EXACT)
    third, _ = side.top([side.trivial, vector], None, ROUGH)
    if second < NOTHING:
        places, fields = (np.full(n, np.nan) for n in holds.shape)
        return Complexity(places, fields, second, 0.0, np.nan)
    index, sign = _oriented(side.score(vector, second), holds.sum(axis=1))
    fields = holds.T.astype(np.float64) @ index / holds.sum(axis=0)
    return Complexity(index, fields, second, max(third, 0.0), sign)


def ranks(score: Float) -> Int:
    """Return the places of scores in descending order; equals share theirs, nan has 0.

    Examples
    --------
    >>> ranks(np.array([1.0, 3.0, np.nan, 1.0])).tolist()
    [2, 1, 0, 2]
    """
    known = np.isfinite(score)
    rising = np.sort(score[known])
    found = np.zeros(len(score), np.int64)
    above = len(rising) - np.searchsorted(rising, score[known] + NOTHING, side="right")
    found[known] = above + 1
    return found


def rank_interval(
    holds: Bool, hidden: Bool, draws: int, rng: Generator, level: float = 0.95
) -> tuple[Int, Int]:
    """Return between which ranks each place stands, had other fields been counted.

    A bootstrap of the fields; cells that nobody may see are held by chance, as often as others of
    their place. Draws that fall into several components are left out.

    Parameters
    ----------
    holds
        As for :func:`complexity`.
    hidden
        Same shape: cells that are not known.
    draws
        How often fields are drawn.
    level
        Share of the draws within the interval.

    Returns
    -------
    tuple
        Lowest and highest rank, shape (places,); 0 where fewer than half of the draws hold
        together.
    """
    places, fields = holds.shape
    side = _Side.of(holds, np.ones(fields))
    value, vector = side.top([side.trivial], None, ROUGH)
    start = side.score(vector, value)
    chance = holds.mean(axis=1, keepdims=True)
    found = np.zeros((draws, places), np.int64)
    for row in found:
        weight = rng.multinomial(fields, np.full(fields, 1 / fields)).astype(np.float64)
        seen = np.where(hidden, rng.random(holds.shape) < chance, holds) if hidden.any() else holds
        row[:] = ranks(_drawn(seen, weight, start))
    # A place that lost all its fields in a draw has no rank there.
    there = found > 0
    enough = there.sum(axis=0) >= LEAST_KEPT * draws
    spread = np.sort(np.where(there, found, np.iinfo(np.int64).max), axis=0)
    last = np.maximum(there.sum(axis=0) - 1, 0)
    ends = (np.floor(last * (1 - level) / 2), np.ceil(last * (1 + level) / 2))
    low, high = (spread[end.astype(np.int64), np.arange(places)] for end in ends)
    return np.where(enough, low, 0), np.where(enough, high, 0)


def _drawn(holds: Bool, weight: Float, start: Float) -> Float:
    """Return the index of each place by weighed fields; nan where a place holds none of them."""
    fields = np.flatnonzero((weight > 0) & holds.any(axis=0))
    places = np.flatnonzero(holds[:, fields].any(axis=1))
    found = np.full(len(holds), np.nan)
    if min(len(places), len(fields)) < 2:
        return found
    some = holds[np.ix_(places, fields)]
    side = _Side.of(some, weight[fields])
    value, vector = side.top([side.trivial], side.vector(start[places]), ROUGH)
    if NOTHING < value < 1 - NOTHING:
        found[places] = _oriented(side.score(vector, value), some @ weight[fields])[0]
    return found


def _oriented(index: Float, diversity: Int | Float) -> tuple[Float, float]:
    """Return the index standardised and turned towards diversity, and their correlation."""
    index = (index - index.mean()) / index.std()
    spread = diversity.std()
    if spread <= NOTHING * diversity.mean():
        return index, np.nan
    sign = float(index @ (diversity - diversity.mean()) / spread / len(index))
    return (index if sign >= 0 else -index), abs(sign)


class _Side(NamedTuple):
    """The smaller side of a table: its matrix and its trivial eigenvector."""

    scaled: Float
    square: Float
    trivial: Float
    root: Float
    by_place: bool

    @classmethod
    def of(cls, holds: Bool, weight: Float) -> "_Side":
        """Scale a table whose fields are weighed (weights above 0)."""
        held = holds * np.sqrt(weight / holds.sum(axis=0))
        root = np.sqrt(holds @ weight)
        scaled = held / root[:, None]
        by_place = len(holds) <= holds.shape[1]
        square = scaled @ scaled.T if by_place else scaled.T @ scaled
        trivial = root if by_place else np.sqrt(weight * holds.sum(axis=0))
        return cls(scaled, square, trivial / np.linalg.norm(trivial), root, by_place)

    def top(self, known: list[Float], start: Float | None, left: float) -> tuple[float, Float]:
        """Return the largest eigenvalue, and its vector, beside those that are known."""
        return largest(lambda v: self.square @ v, np.array(known), start, left)

    def score(self, vector: Float, value: float) -> Float:
        """Return the index of the places from the eigenvector."""
        whole = vector if self.by_place else self.scaled @ vector / np.sqrt(value)
        return np.asarray(whole / self.root)

    def vector(self, score: Float) -> Float:
        """Return what the eigenvector is like if the places have about this index."""
        whole = score * self.root
        return np.asarray(whole if self.by_place else self.scaled.T @ whole)


def largest(
    apply: Callable[[Float], Float], known: Float, start: Float | None, left: float
) -> tuple[float, Float]:
    """Return the largest eigenvalue of a symmetric matrix, and its vector, beside known ones.

    Lanczos (1950) with full orthogonalisation against all before. A repeated eigenvalue is found
    again if its vector is among those that are known.

    Parameters
    ----------
    apply
        Multiplies a vector by the matrix.
    known
        Shape (vectors, n): eigenvectors of length 1, orthogonal to each other.
    start
        Where to begin, None: anywhere.
    left
        How long what is left over of the matrix times the vector may be, for a matrix of norm 1.

    Examples
    --------
    >>> value, _ = largest(lambda v: np.array([3.0, 2.0, 1.0]) * v, np.eye(3)[:1], None, 1e-12)
    >>> round(value, 12)
    2.0
    """
    n = known.shape[1]
    most = n - len(known)
    basis, diagonal, beside = np.empty((most, n)), np.empty(most), np.empty(most)
    # Another start each time: the part of the last one in a repeated eigenvalue is known by now.
    anywhere = np.asarray(np.random.default_rng([n, len(known)]).normal(size=n))
    v = _apart(anywhere if start is None else start, known)
    for k in range(most):
        size = np.linalg.norm(v)
        if size <= NOTHING**2:
            most = k
            break
        basis[k] = v / size
        v = apply(basis[k])
        diagonal[k] = v @ basis[k]
        v = _apart(_apart(v, known), basis[: k + 1])
        beside[k] = np.linalg.norm(v)
        if (k % 8 == 7 or beside[k] <= left) and abs(_ritz(diagonal, beside, k)[1][-1]) * beside[
            k
        ] <= left:
            most = k + 1
            break
    if not most:
        return 0.0, np.zeros(n)
    value, weight = _ritz(diagonal, beside, most - 1)
    return value, weight @ basis[:most]


def _apart(v: Float, others: Float) -> Float:
    """Return what of ``v`` is orthogonal to others; twice, for what rounding leaves."""
    for _ in range(2):
        v = v - (others @ v) @ others
    return v


def _ritz(diagonal: Float, beside: Float, last: int) -> tuple[float, Float]:
    """Return the largest eigenvalue of the tridiagonal matrix so far, and its vector."""
    inner = np.diag(diagonal[: last + 1])
    at = np.arange(last)
    inner[at, at + 1] = inner[at + 1, at] = beside[:last]
    values, vectors = np.linalg.eigh(inner)
    return float(values[-1]), vectors[:, -1]


def fitness(holds: Bool, updates: int) -> tuple[Float, Float]:
    """Return the fitness of places and the quality of fields after a number of updates.

    F = M Q, Q = 1 / (M' (1 / F)), each divided by its mean at every update, from ones.

    Parameters
    ----------
    holds
        M, shape (places, fields); every place holds a field, and every field is held.
    updates
        How often both are renewed. Some programs count their start as the first iteration: their
        20 iterations are 19 updates.

    Returns
    -------
    tuple
        Shapes (places,) and (fields,), each of mean 1. A fitness that has fallen below all numbers
        is 0.

    Examples
    --------
    >>> found, quality = fitness(np.array([[True, True], [True, False]]), 2)
    >>> found.round(3).tolist(), quality.round(3).tolist()
    ([1.5, 0.5], [0.5, 1.5])
    """
    m = holds.astype(np.float64)
    f, q = np.ones(m.shape[0]), np.ones(m.shape[1])
    for _ in range(updates):
        best, hardness = m @ q, m.T @ (1 / np.maximum(f, np.finfo(np.float64).tiny))
        f, q = best / best.mean(), 1 / hardness
        q = q / q.mean()
    return f, q
