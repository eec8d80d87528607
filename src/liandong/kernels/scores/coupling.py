"""Coupling coordination: how far subsystems are developed, and evenly so.

D = √(C T): T is the level, C how even the subsystems are. Its forms differ, and so do results.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Form = Literal["standard", "product", "modified", "raw"]


def evenness(u: Float, form: Form) -> Float:
    """Return C of subsystem values.

    Parameters
    ----------
    u
        From 0 to 1; shape (rows, subsystems), two subsystems at least.
    form
        ``standard``: n (∏u)^(1/n) / ∑u. ``product``: its n-th power. ``modified``: √((1 - mean
        distance of pairs) (∏ u / max u)^(1/(n-1))) (Wang, Kong, Ren, Zhi and Dai 2021, Research on
        misuses and modification of coupling coordination degree model in China). ``raw``:
        (∏u)^(1/n) / ∑u, as it is often printed: it cannot be above 1/n.

    Returns
    -------
    numpy.ndarray
        Shape (rows,): 1 where all are equal and above 0 (1/n of ``raw``), 0 where one is 0.

    Examples
    --------
    >>> even = np.array([[0.5, 0.5]])
    >>> [float(evenness(even, form)[0]) for form in ("standard", "product", "modified", "raw")]
    [1.0, 1.0, 1.0, 0.5]
    """
    n = u.shape[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        if form == "modified":
            i, j = np.triu_indices(n, 1)
            apart = np.abs(u[:, i] - u[:, j]).mean(axis=1)
            relative = np.prod(u / u.max(axis=1, keepdims=True), axis=1) ** (1 / (n - 1))
            found = np.sqrt((1 - apart) * relative)
        else:
            # Values relative to their mean: products of many small ones would vanish.
            even = np.prod(u / u.mean(axis=1, keepdims=True), axis=1)
            power = {"standard": 1 / n, "product": 1.0, "raw": 1 / n}[form]
            found = even**power / (n if form == "raw" else 1)
    return np.where((u > 0).all(axis=1), np.minimum(found, 1.0), np.where(np.isnan(u).any(axis=1),
                                                                          np.nan, 0.0))  # fmt: skip


def entropy_weights(u: Float) -> Float:
    """Return weights by how much indicators tell rows apart: one less their relative entropy.

    Parameters
    ----------
    u
        Not negative; shape (rows, columns). Rows with nan do not count.

    Returns
    -------
    numpy.ndarray
        Shape (columns,), adding up to 1; all alike if none tells anything.
    """
    known = u[np.isfinite(u).all(axis=1)]
    columns = u.shape[1]
    total = known.sum(axis=0)
    if len(known) < 2 or not (total > 0).all():
        return np.full(columns, 1 / columns)
    p = known / total
    entropy = -(p * np.log(np.where(p > 0, p, 1.0))).sum(axis=0) / np.log(len(known))
    told = np.maximum(1 - entropy, 0.0)
    return told / told.sum() if told.sum() > 1e-12 else np.full(columns, 1 / columns)
