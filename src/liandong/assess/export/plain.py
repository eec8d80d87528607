"""A scorecard as JSON that any program can apply without knowing liandong."""

import json
from collections.abc import Mapping

from liandong.assess.card.scorecard import Scorecard

FORMAT = "liandong.scorecard/1"


def to_json(card: Scorecard, grades: Mapping[str, int]) -> str:
    """Write a scorecard as JSON.

    ``terms`` give points by cell. The cell of a number is the first edge at or above it, else the
    last bin; ``absent`` is for null and NaN, and whatever is not shared or was never seen earns 0.
    ``pairs`` give points by the cells of two terms, absent last. Points are ``base`` plus all
    these; ``pd_ppm = round(1e6 / (1 + exp((points - offset) / factor)))``; the grade is the first
    whose bound (ppm) lies above it.

    Parameters
    ----------
    card, grades
        As for ``to_sql``.
    """
    terms = [
        {
            "measure": c.measure,
            **({"levels": c.levels} if c.levels else {"edges": c.edges}),
            "points": c.points[:-1],
            "absent": c.points[-1],
        }
        for c in card.characteristics
    ]
    found = {
        "format": FORMAT,
        "id": card.id,
        "base": card.base,
        "terms": terms,
        "pairs": [p.model_dump() for p in card.pairs],
        "offset": card.scaling.offset,
        "factor": card.scaling.factor,
        "grades": dict(sorted(grades.items(), key=lambda g: g[1])),
        "scorecard": card.plain(),
    }
    return json.dumps(found, ensure_ascii=False, indent=2)
