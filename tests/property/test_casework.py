"""Whatever people do to a case, in any order: none is closed without two of them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandong.errors import RefusedError, UsageError
from liandong.govern import casework
from liandong.schema.tables.casework import KINDS, OUTCOMES

AT = datetime(2026, 3, 2, 17, tzinfo=UTC)  # the 3rd in China
PEOPLE = ("li", "wang", "zhao")


def alert(name, level="orange"):
    return {"alert_id": name, "rule": "r1", "code": "T1", "level": level}


def new(days=5):
    body = {"party_id": "F1", "queue": "all", "days": days, "level": "orange",
            "region_id": "310000", "exposure": 100, "alerts": [alert("A1")]}  # fmt: skip
    return casework.opened("C1", AT, body)


def said(kind, n):
    """What an act of some kind says."""
    return {
        "joined": {"level": "red", "exposure": n, "alerts": [alert(f"B{n}", "red")]},
        "assigned": {"to": PEOPLE[n % 3], "how": "hand"},
        "noted": {"text": "seen"},
        "attached": {"name": "a letter"},
        "proposed": {"outcome": OUTCOMES[n % 3], "reason": "because"},
    }.get(kind, {"reason": "because"})


ACTS = st.lists(st.tuples(st.sampled_from(KINDS[1:]), st.sampled_from(PEOPLE)), max_size=40)


def played(acts):
    """Do what can be done; return the rows of what was done and the case after each."""
    case, done = new(), []
    for n, (kind, actor) in enumerate(acts):
        at = AT + timedelta(hours=n + 1)
        row = {"case_id": "C1", "seq": case.seq + 1, "at": at, "actor": actor, "kind": kind,
               "body": said(kind, n)}  # fmt: skip
        try:
            case = casework.do(case, kind, actor, at, row["body"])
        except RefusedError:
            continue
        done.append((row, case))
    return done


@given(ACTS)
def test_no_path_closes_without_two_people(acts):
    proposed_by = None
    for row, case in played(acts):
        if row["kind"] == "proposed":
            proposed_by = row["actor"]
        elif row["kind"] in {"joined", "returned", "reopened", "withdrawn"}:
            proposed_by = None  # what was proposed does not hold any more
        if row["kind"] == "closed":
            assert proposed_by is not None
            assert proposed_by != row["actor"]
        if case.state == "closed":
            a = case.approval
            assert (a["state"], a["maker"]) == ("approved", proposed_by)
            assert a["checker"] not in {None, a["maker"]}
            assert case.outcome in OUTCOMES
        else:
            assert case.closed_at is None
        assert (case.state == "proposed") == (proposed_by is not None and case.state != "closed")


@given(ACTS)
def test_a_case_is_the_sum_of_its_acts(acts):
    done = played(acts)
    body = {**said("joined", 0), "party_id": "F1", "queue": "all", "days": 5, "level": "orange",
            "region_id": "310000", "exposure": 100, "alerts": [alert("A1")]}  # fmt: skip
    first = {"case_id": "C1", "seq": 1, "at": AT, "actor": "li", "kind": "opened", "body": body}
    case = casework.fold([first, *(row for row, _ in done)])
    assert case == (done[-1][1] if done else new())
    assert case.seq == 1 + len(done)
    assert case.alerts == 1 + sum(row["kind"] == "joined" for row, _ in done)
    # Each step alone gives what all at once give.
    for n, (_, then) in enumerate(done):
        assert casework.fold([first, *(row for row, _ in done[: n + 1])]) == then


def test_what_can_be_done_in_each_state_is_what_is_offered():
    states = {"open": new()}
    states["proposed"] = casework.do(states["open"], "proposed", "li", AT, said("proposed", 0))
    states["closed"] = casework.do(states["proposed"], "closed", "wang", AT, {})
    for state, case in states.items():
        assert case.state == state
        for kind in KINDS[1:]:
            able = kind in casework.possible(state) or (kind == "joined" and state != "closed")
            if able:
                maker = "li" if kind == "withdrawn" else "zhao"
                casework.do(case, kind, maker, AT, said(kind, 1))
            else:
                with pytest.raises(RefusedError, match=state):
                    casework.do(case, kind, "zhao", AT, said(kind, 1))


def test_new_alerts_undo_a_proposal():
    case = casework.do(new(), "proposed", "li", AT, said("proposed", 1))
    case = casework.do(case, "joined", "robot", AT, said("joined", 7))
    assert (case.state, case.approval, case.outcome, case.level) == ("open", None, None, "red")
    with pytest.raises(RefusedError):
        casework.do(case, "closed", "wang", AT, {})


def test_days_are_those_of_china_and_begin_anew_when_a_case_is_reopened():
    case = new(days=5)
    assert case.due_on == date(2026, 3, 8)
    case = casework.do(case, "proposed", "li", AT, said("proposed", 0))
    case = casework.do(case, "closed", "wang", AT, {})
    late = AT + timedelta(days=100)
    again = casework.do(case, "reopened", "zhao", late, {"reason": "a letter came"})
    assert (again.state, again.due_on, again.outcome) == ("open", date(2026, 6, 16), None)


@pytest.mark.parametrize(
    ("kind", "body", "named"),
    [
        ("noted", {"text": "  "}, "text"),
        ("assigned", {"to": ""}, "to"),
        ("attached", {}, "name"),
        ("escalated", {"reason": None}, "reason"),
        ("proposed", {"outcome": "confirmed"}, "reason"),
        ("proposed", {"outcome": "maybe", "reason": "x"}, "false_alarm"),
    ],
)
def test_an_act_says_what_it_has_to_say(kind, body, named):
    with pytest.raises(UsageError) as caught:
        casework.do(new(), kind, "li", AT, body)
    assert named in caught.value.text("en")
    assert named in caught.value.text("zh")


@given(st.dictionaries(st.sampled_from(PEOPLE), st.integers(0, 3)), st.permutations(PEOPLE))
def test_the_least_busy_is_chosen_whatever_the_order(held, people):
    chosen = casework.fewest(held, people)
    assert chosen == min(PEOPLE, key=lambda p: (held.get(p, 0), p))
