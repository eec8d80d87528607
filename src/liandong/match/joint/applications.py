"""Applications of one controller within a window, pooled: splitting one gains nothing."""

from datetime import date
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from liandong.errors import DataError
from liandong.match.joint.control import TIES, Control, control
from liandong.schema.field import MONEY_MOST
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import Reasons
from liandong.step.totals import must_fit, size
from liandong.texts import both
from liandong.types import YUAN, Rate

Int = NDArray[np.int64]

UNDATED = -1


class PoolRule(Rule):
    """Which applications count as one.

    Attributes
    ----------
    as_of
        Ties in force on this day count.
    window_days
        Two applications of one controller that are at most this many days apart are pooled, and
        so on from one to the next. Those without a date are as late as the last of their group.
    control_share
        Whoever holds more than this, alone or with those he controls, is a controller.
    kinds
        Ties that are control by themselves; a legal representative ``directs``.
    """

    as_of: date
    window_days: int = Field(default=90, ge=0, le=36_500)
    control_share: Rate = Field(default=Rate(500_000), ge=0, le=1_000_000)
    kinds: tuple[Literal["controls", "directs"], ...] = ("controls", "directs")


@fold(
    reads=("project", "party", "edge"),
    writes=("application",),
    rule=PoolRule,
    part=("as_of",),
    needs={"project": "load"},
)
def pool(tables: Tables, rule: PoolRule) -> Tables:
    """Pool the applications of one controller: one row a project, with the need of all of them.

    The lead is the earliest application, by id among equals; only it should be quoted, for the
    pooled need. An application whose money another party owes (``obligor_id``) rests on claims of
    its own and stays alone.

    Raises
    ------
    DataError
        If there are no projects, or needs add up beyond what one amount may be.
    """
    projects = tables["project"].sort_by("project_id").combine_chunks()
    need = projects["need"].to_numpy()
    must_fit(size(projects["need"]), "project")
    asking = projects["party_id"]
    groups = control(
        tables["edge"], tables["party"], asking, rule.as_of, rule.control_share, rule.kinds
    )
    member = groups.of(asking)
    other = pc.fill_null(pc.not_equal(projects["obligor_id"], asking), fill_value=False).to_numpy()
    at = pc.fill_null(projects["asked_on"].cast(pa.int32()), UNDATED).to_numpy().astype(np.int64)
    lead = _leads(np.where(other, -1 - np.arange(len(need)), groups.label[member]), at, rule)
    total = np.zeros(len(need), np.int64)
    np.add.at(total, lead, need)
    pooled, members = total[lead], np.bincount(lead, minlength=len(need))[lead]
    if pooled.max() > MONEY_MOST:
        first = projects["project_id"][int(np.argmax(pooled))].as_py()
        raise DataError(
            file="project",
            what=both("fault.pooled_need", project=first),
            remedy=both("advice.unit_of_largest"),
        )
    ids = projects["project_id"].combine_chunks()
    return output(
        "application",
        project_id=ids,
        as_of=pa.repeat(pa.scalar(rule.as_of), len(ids)),
        lead_id=ids.take(pa.array(lead)),
        controller_id=groups.ids.take(pa.array(np.where(members > 1, groups.head[member], member))),
        need=pooled,
        members=members,
        reasons=_reasons(groups, member, lead, ids, need, members),
    )


def _leads(group: Int, at: Int, rule: PoolRule) -> Int:
    """Return the row of the lead of each application; rows are in the order of ids."""
    latest = np.full(len(group), UNDATED)
    code = np.unique(group, return_inverse=True)[1]
    np.maximum.at(latest, code, at)
    when = np.where(at == UNDATED, latest[code], at)
    order = np.lexsort((np.arange(len(group)), at == UNDATED, when, code))
    begins = np.diff(code[order], prepend=-1) != 0
    begins[1:] |= np.diff(when[order]) > rule.window_days
    lead = np.empty(len(group), np.int64)
    lead[order] = order[begins][np.cumsum(begins) - 1]
    return lead


def _reasons(
    groups: Control, member: Int, lead: Int, ids: pa.Array, need: Int, members: Int
) -> pa.Array:
    reasons = Reasons(len(ids))
    row, pooled = np.arange(len(ids)), members > 1
    reasons.add("match.own_need", need // YUAN)
    reasons.add("match.pooled_lead", members, pooled & (lead == row))
    into = pc.binary_join_element_wise("match.pooled_into(", ids.take(pa.array(lead)), ")", "")
    reasons.add(into, members, pooled & (lead != row))
    head = groups.ids.take(pa.array(groups.head[member]))
    reasons.add(
        pc.binary_join_element_wise("match.controller(", head, ")", ""),
        0,
        pooled & (groups.head[member] != member),
    )
    for kind in TIES:
        reasons.add(TIE_REASONS[kind], 0, pooled & groups.ties[kind][member])
    return reasons.column()


TIE_REASONS = {
    "controls": "match.tie_controls",
    "directs": "match.tie_directs",
    "owns": "match.tie_owns",
}
"""What binds an applicant to its controller, by kind of tie."""
