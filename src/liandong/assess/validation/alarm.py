"""The leak alarm on a board: every measure of the firms with known outcomes is judged."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from liandong.assess.card.labels import outcomes
from liandong.assess.measures.features import wide
from liandong.assess.validation.leaks import LEAST, Judged, judge
from liandong.assess.validation.shares import aligned
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import reason_list


class LeakRule(Rule):
    """Which measures are judged by which outcomes.

    Attributes
    ----------
    as_of
        Measures of this day, outcomes after it.
    horizon_months
        A default within so many months makes a borrower bad.
    """

    as_of: date
    horizon_months: int = Field(default=12, ge=1, le=120)


@fold(
    reads=("feature", "signal", "event", "loan"),
    writes=("leak",),
    rule=LeakRule,
    part=("as_of",),
    needs={"feature": "assess.features"},
)
def leak_alarm(tables: Tables, rule: LeakRule) -> Tables:
    """Judge every measure of ``as_of``: could it have been known only after the outcome.

    See :func:`leaks` for the evidence. A measure is ``suspect`` with any of it, and ``clear``
    without; with fewer than ten firms of either outcome all are ``unjudged``. Values that are not
    shared count as absent.
    """
    known = outcomes(tables, rule.as_of, rule.horizon_months)
    names = sorted(pc.unique(tables["feature"]["measure"]).to_pylist())
    ids, values, _ = wide(tables["feature"], rule.as_of, names)
    here, at = aligned(ids, known["party_id"])
    bad = known["bad"].filter(pa.array(here)).to_numpy().astype(bool)
    n, bads = len(bad), int(bad.sum())
    found = Judged({}, [])
    if min(bads, n - bads) >= LEAST:
        columns = (pa.array(v, mask=np.isnan(v)) for v in values[at].T)
        found = judge(pa.table(list(columns), names=names), bad)
    evidence = {
        m: [(f"{e.code}({m})", e.points) for e in found.leaks if e.column == m] for m in names
    }
    verdicts = [("suspect" if evidence[m] else "clear") if found.auc else "unjudged" for m in names]
    spared = {"clear": "leak.clear", "unjudged": "leak.unjudged"}
    area = np.array([found.auc.get(m, np.nan) for m in names], float)
    return output(
        "leak",
        as_of=[rule.as_of] * len(names),
        measure=names,
        verdict=verdicts,
        auc=pa.array(area, mask=np.isnan(area)),
        n=[n] * len(names),
        bads=[bads] * len(names),
        reasons=reason_list(
            [
                evidence[m] or [(f"{spared[v]}({m})", bads)]
                for m, v in zip(names, verdicts, strict=True)
            ]
        ),
    )
