"""Outcomes to learn from: who defaulted and who did not."""

from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from liandong.assess.measures.months import days, months_before
from liandong.errors import DataError
from liandong.step import Tables
from liandong.texts import both


def outcomes(tables: Tables, as_of: date, horizon_months: int) -> pa.Table:
    """Return ``party_id`` and ``bad`` of everybody whose outcome is known, in order.

    What a bank reports (signal ``default`` of source ``bank``, 0 or 1) goes first, if it was seen
    in the months after ``as_of`` or bears no day. Of all others, the borrowers with a loan running
    since before ``as_of`` and no default so far are the sample, and those with a default in the
    months after it are bad; the books must reach to the end of them.

    Raises
    ------
    DataError
        If a report is neither 0 nor 1.
    """
    signal = tables["signal"]
    told = signal.filter(
        pc.and_(pc.equal(signal["source"], "bank"), pc.equal(signal["measure"], "default"))
    )
    seen = months_before(days(pc.fill_null(told["seen_at"], as_of + timedelta(days=1))), as_of)
    reported = _told(told.filter(pa.array((seen < 0) & (seen >= -horizon_months))))
    observed = _observed(tables["loan"], tables["event"], as_of, horizon_months)
    unheard = pc.invert(pc.is_in(observed["party_id"], value_set=reported["party_id"]))
    return pa.concat_tables([reported, observed.filter(unheard)]).sort_by("party_id")


def _told(told: pa.Table) -> pa.Table:
    odd = pc.invert(pc.is_in(told["value"], value_set=pa.array([0.0, 1.0])))
    if pc.any(odd).as_py():
        row = told.filter(odd).sort_by("party_id").slice(0, 1).to_pylist()[0]
        raise DataError(
            file="signal",
            what=both("fault.odd_outcome", party=row["party_id"], value=row["value"]),
            remedy=both("advice.zero_or_one"),
        )
    worst = told.group_by("party_id").aggregate([("value", "max")])
    return _table(worst["party_id"], pc.equal(worst["value_max"], 1.0))


def _observed(loan: pa.Table, event: pa.Table, as_of: date, horizon: int) -> pa.Table:
    age = months_before(days(loan["start"]), as_of)
    # A loan of the very day may be what the scorecard is learnt for: it cannot teach it.
    begun = pc.less(loan["start"], pa.scalar(as_of)).to_numpy()
    running = begun & (age < loan["term_months"].to_numpy())
    party = pc.unique(loan["party_id"].filter(pa.array(running)))
    default = event.filter(pc.equal(event["kind"], "default"))
    back = months_before(days(default["at"]), as_of)
    late = default["party_id"].filter(pa.array(back >= 0))
    soon = default["party_id"].filter(pa.array((back < 0) & (back >= -horizon)))
    sound = party.filter(pc.invert(pc.is_in(party, value_set=late)))
    return _table(sound, pc.is_in(sound, value_set=soon))


def _table(party: pa.Array, bad: pa.Array) -> pa.Table:
    return pa.table({"party_id": party, "bad": bad}).sort_by("party_id")
