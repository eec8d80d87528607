"""What is doubtful about a sample, said unprompted, as warnings with names."""

import warnings
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.assess.binning.columns import Column, levels
from liandong.assess.card.learn import Sample
from liandong.assess.card.scorecard import Characteristic
from liandong.assess.validation.leaks import LEAST, leaks
from liandong.errors import (
    DataWarning,
    FewEventsWarning,
    LeakWarning,
    RepeatedRowsWarning,
    SilentColumnsWarning,
    UnseenLevelsWarning,
)
from liandong.texts import LANGUAGES, both

UNLIKELY = 0.001
"""Fewer rows than this would agree by chance if columns were independent; as they are not, it is
far below 1."""


def _warn(kind: type[DataWarning], what: dict[str, str], remedy: str) -> None:
    warnings.warn(kind(what=what, remedy=both(remedy)), stacklevel=5)


def warn_of_sample(sample: Sample, bins: int) -> None:
    """Warn of columns that leak or tell nothing, of rows that are there twice, of few events."""
    bads = int(sample.bad.sum())
    rarer = min(bads, len(sample.bad) - bads)
    if rarer < bins:
        _warn(
            FewEventsWarning,
            both("fault.models_few_events", found=rarer, bins=bins),
            "advice.models_few_events",
        )
    if rarer >= LEAST:
        found = leaks(_shown(sample), sample.bad)
        if found:
            said = {lang: "; ".join(k.text(lang) for k in found) for lang in LANGUAGES}
            _warn(LeakWarning, both("fault.models_leaks", names=said), "advice.models_leaks")
    if silent := [n for n, c in sample.columns.items() if len(np.unique(_places(c))) < 2]:
        _warn(
            SilentColumnsWarning,
            both("fault.models_silent", names=", ".join(silent)),
            "advice.models_silent",
        )
    if same := repeated(sample):
        _warn(
            RepeatedRowsWarning, both("fault.models_repeated", rows=same), "advice.models_repeated"
        )


def _shown(sample: Sample) -> pa.Table:
    """Return the columns of a sample, absent where they were not shared."""
    if sample.withheld is None:
        return pa.table(dict(sample.columns))
    hidden = dict(zip(sample.columns, sample.withheld.T, strict=True))
    return pa.table(
        {
            n: pa.array(c.to_pylist() if isinstance(c, pa.Array) else c, mask=hidden[n])
            for n, c in sample.columns.items()
        }
    )


def warn_of_unseen(known: Mapping[str, Characteristic], columns: Mapping[str, Column]) -> None:
    """Warn of levels of categories that a card does not know."""
    said = []
    for name, c in known.items():
        column = columns[name]
        if c.levels and isinstance(column, pa.Array):
            seen = {v for group in c.levels for v in group}
            here, place = levels(column)
            used = {here[i] for i in np.unique(place) if i < len(here)}
            if new := sorted(used - seen):
                said.append(f"{name}: {', '.join(new[:3])}{', ...' if len(new) > 3 else ''}")
    if said:
        _warn(
            UnseenLevelsWarning,
            both("fault.models_unseen", names="; ".join(said)),
            "advice.models_unseen",
        )


def repeated(sample: Sample) -> int:
    """Return how many rows are the same as an earlier one, if that is hardly chance; else 0.

    Rows of a few short columns agree by chance. That is expected for C(n, 2) times the product,
    over the columns, of the chance that two rows agree in it.
    """
    rows = len(sample.bad)
    key = sample.bad.astype(np.uint64)
    chance = rows * (rows - 1) / 2
    random = np.random.default_rng(0)
    for column in sample.columns.values():
        place = _places(column)
        count = np.bincount(place)
        chance *= float((count * (count - 1)).sum()) / max(1, rows * (rows - 1))
        mixer = random.integers(1, 2**63, 2, np.uint64) | np.uint64(1)
        key = (key ^ (place.astype(np.uint64) * mixer[0])) * mixer[1]
        key ^= key >> np.uint64(29)
    same = rows - len(np.unique(key))
    return same if chance < UNLIKELY else 0


def _places(column: Column) -> NDArray[np.int64]:
    """Return a number for each distinct value."""
    if isinstance(column, pa.Array):
        return levels(column)[1]
    return np.asarray(np.unique(column, return_inverse=True)[1], np.int64)
