"""Episodes against the plain way, whatever comes in late, in batches, in any order, restarted."""

from datetime import date, timedelta
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.schema.arrow import sort_by_key
from liandong.step.local import run_step
from liandong.testing.checks import digest
from liandong.watch import EpisodesRule, EpisodeStream, episodes, standing
from support.episodes import DAY, START, Look, known_at, looks, moments, table_of, warned

PACE = {"hold": "4d", "cool": "3d"}
RULES = [
    EpisodesRule(as_of=date(2026, 3, 1), usual=PACE),
    EpisodesRule(
        as_of=date(2026, 1, 20),
        usual={**PACE, "opens": "orange", "repeats": 3},
        codes=({"code": "J1", "hold": "9d", "cool": "0d"},),
    ),
]

LATER = START + 400 * DAY

ROWS = st.lists(
    st.builds(
        lambda whose, at, level, late, value: warned(
            at,
            None if level == "void" else level,
            seen=at + late,
            subject=whose[1],
            rule=whose[0],
            code=whose[2],
            value=value,
            void=level == "void",
        ),
        st.sampled_from([("r1", "F1", "T1"), ("r1", "F2", "T1"), ("r2", "F1", "J1")]),
        st.integers(0, 30),
        st.sampled_from(["yellow", "yellow", "orange", "red", None, "void"]),
        st.sampled_from([0, 0, 0, 1, 5, 12, -2]),
        st.sampled_from([0.25, 0.5]),
    ),
    max_size=25,
    # Two who say different things of the same moment at the same moment are not known to a table.
    unique_by=lambda w: (w.rule, w.subject_id, w.at, known_at(w)),
)


def clock_of(rule):
    return START + (rule.as_of - START.date() + timedelta(days=1)) - timedelta(microseconds=1)


def looks_of(alerts) -> dict[str, Look]:
    return {
        r["alert_id"]: Look(r["state"], r["level"], r["last_at"], r["cooling_at"], r["closed_at"],
                            r["warnings"], r["value"])
        for r in alerts.to_pylist()
    }  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(ROWS, st.sampled_from(RULES))
def test_what_was_known_at_any_moment_is_what_warnings_seen_by_then_give(rows, rule):
    found = episodes(table_of(rows), rule=rule)
    assert looks_of(found["alert"]) == looks(rows, rule, clock_of(rule))
    for moment in moments(rows, rule, clock_of(rule)):
        for at in (moment - timedelta(microseconds=1), moment):
            as_known = standing(found["alert_version"], at)
            assert looks_of(as_known["alert"]) == looks(rows, rule, at)


@settings(max_examples=100, deadline=None)
@given(ROWS, st.sampled_from(RULES), st.integers(0, 45))
def test_the_step_on_an_earlier_day_is_the_view_of_that_day(rows, rule, days):
    day = START.date() + timedelta(days=min(days, (rule.as_of - START.date()).days))
    earlier = rule.changed(as_of=day)
    whole, then = episodes(table_of(rows), rule=rule), episodes(table_of(rows), rule=earlier)
    as_known = standing(whole["alert_version"], clock_of(earlier))
    for name in ("alert", "alert_group"):
        assert digest(sort_by_key(name, as_known[name])) == digest(then[name])


@settings(max_examples=100, deadline=None)
@given(ROWS, st.sampled_from(RULES))
def test_every_version_differs_from_the_one_before_and_says_how(rows, rule):
    before = {}
    versions = episodes(table_of(rows), rule=rule)["alert_version"]
    for r in versions.sort_by([("known_from", "ascending")]).to_pylist():
        (look,) = looks_of(versions.from_pylist([r], versions.schema)).values()
        old = before.get(r["alert_id"])
        assert (old is None or old.state == "withdrawn") == (r["change"] == "opened")
        assert (r["state"] == "withdrawn") == (r["change"] == "withdrawn")
        # What is said once more of a moment amends even if it says the same.
        assert look != old or r["change"] == "amended"
        if r["change"] == "escalated":
            assert (old.level, look.level) in {("yellow", "orange"), ("yellow", "red"),
                                               ("orange", "red")}  # fmt: skip
        if r["change"] == "warned":
            assert look.warnings > old.warnings
            assert look.level == old.level
        if r["change"] in {"cooling", "closed"}:
            assert r["state"] == r["change"]
            assert look.warnings == old.warnings
        before[r["alert_id"]] = look


def batches(rows, random):
    """Cut rows that stand in any order into batches of any size."""
    random.shuffle(rows)
    while rows:
        n = random.randint(1, len(rows))
        yield rows[:n]
        rows = rows[n:]


def apply(held, told):
    """Keep what was told: later rows in the place of earlier ones, less those that are gone."""
    for r in told.gone.to_pylist():
        del held[r["alert_id"], r["known_from"]]
    for r in told.versions.to_pylist():
        key = r["alert_id"], r["known_from"]
        assert held.get(key) != r, "told again without need"
        held[key] = r


@settings(max_examples=200, deadline=None)
@given(ROWS, st.sampled_from(RULES), st.randoms())
def test_the_stream_gives_the_tables_of_the_step(rows, rule, random):
    clock = clock_of(rule)
    rows = [r for r in rows if known_at(r) <= clock]
    want = run_step(episodes, {"warning": table_of(rows)}, rule, 2)
    stream, held = EpisodeStream(rule), {}
    for batch in batches(list(rows), random):
        if random.random() < 0.3:
            saved = stream.save()
            stream = EpisodeStream.load(saved)
            assert stream.save() == saved
        if len(batch) == 1:
            apply(held, stream.see(batch[0]))
        else:
            apply(held, stream.take(table_of(batch)))
        if random.random() < 0.2:
            again = stream.take(table_of(batch))
            assert not len(again.versions) + len(again.gone)
    apply(held, stream.tick(clock))
    versions = want["alert_version"].from_pylist(list(held.values()), want["alert_version"].schema)
    assert digest(sort_by_key("alert_version", versions)) == digest(want["alert_version"])
    for name, data in stream.tables().items():
        assert digest(sort_by_key(name, data)) == digest(want[name])


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_what_comes_in_in_the_order_of_knowing_never_takes_back_what_was_told(rows):
    stream = EpisodeStream(RULES[0])
    for _, batch in groupby(sorted(rows, key=known_at), key=known_at):
        told = stream.take(table_of(batch))
        assert not len(told.gone)
        assert set(told.versions["known_from"].to_pylist()) <= set(moments(rows, RULES[0], LATER))
    assert not len(stream.tick(LATER).gone)
    assert set(stream.tables()["alert"]["state"].to_pylist()) <= {"closed"}
    assert looks_of(stream.tables()["alert"]) == looks(rows, RULES[0], LATER)


LATE = 6
"""Days that a warning may be late here."""


@settings(max_examples=100, deadline=None)
@given(ROWS, st.sampled_from(RULES), st.randoms())
def test_what_is_over_may_be_forgotten(rows, rule, random):
    rows = [r for r in rows if known_at(r) - r.at <= LATE * DAY]
    whole, short = EpisodeStream(rule), EpisodeStream(rule)
    for moment, batch in groupby(sorted(rows, key=known_at), key=known_at):
        new = table_of(batch)
        told, again = whole.take(new), short.take(new)
        assert digest(sorted_of(again.versions)) == digest(sorted_of(told.versions))
        assert short.going_on == whole.going_on
        if random.random() < 0.5:
            short.forget(moment - LATE * DAY)
        if random.random() < 0.2:
            short = EpisodeStream.load(short.save())
    assert digest(sorted_of(short.tick(LATER).versions)) == digest(
        sorted_of(whole.tick(LATER).versions)
    )
    short.forget(LATER)
    assert short.remembered == 0
    assert short.save() == EpisodeStream.load(short.save()).save()


def sorted_of(versions):
    return sort_by_key("alert_version", versions)
