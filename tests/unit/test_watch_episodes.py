"""Episodes worked by hand: open, escalate, hold, cool, close; late facts; groups; snoozes."""

from datetime import timedelta

import pytest

from liandong.errors import UsageError
from liandong.watch import EpisodesRule, EpisodeStream, episodes, standing
from support.episodes import DAY, START, table_of, warned

RULE = {"as_of": "2026-12-31", "usual": {"hold": "10d", "cool": "5d"}}


def days(moment):
    return moment and (moment - START) / DAY


def story(rows, **changes):
    """The versions as (known, change, state, level, warnings), known in days."""
    versions = episodes(table_of(rows), **{**RULE, **changes})["alert_version"]
    ordered = versions.sort_by([("known_from", "ascending"), ("opened_at", "ascending")])
    return [(days(r["known_from"]), r["change"], r["state"], r["level"], r["warnings"])
            for r in ordered.to_pylist()]  # fmt: skip


def test_an_episode_opens_escalates_holds_cools_and_closes():
    rows = [warned(0, "yellow"), warned(4, "orange"), warned(9, "yellow")]
    assert story(rows) == [
        (0, "opened", "open", "yellow", 1),
        (4, "escalated", "open", "orange", 2),
        (9, "warned", "open", "orange", 3),  # the worst so far
        (19, "cooling", "cooling", "orange", 3),  # ten days after the last
        (24, "closed", "closed", "orange", 3),
    ]


def test_a_warning_while_cooling_goes_on_and_one_at_the_close_begins_anew():
    assert story([warned(0, "yellow"), warned(14.5, "yellow")])[:3] == [
        (0, "opened", "open", "yellow", 1),
        (10, "cooling", "cooling", "yellow", 1),
        (14.5, "warned", "open", "yellow", 2),
    ]
    told = story([warned(0, "yellow"), warned(15, "red")])
    assert told[2:4] == [(15, "closed", "closed", "yellow", 1), (15, "opened", "open", "red", 1)]


def test_a_judgement_without_a_warning_ends_the_hold():
    assert story([warned(0, "yellow"), warned(3, None), warned(6, None)]) == [
        (0, "opened", "open", "yellow", 1),
        (3, "cooling", "cooling", "yellow", 1),
        (8, "closed", "closed", "yellow", 1),
    ]
    assert story([warned(0, None)]) == []


def test_mild_warnings_may_keep_going_what_they_do_not_open():
    pace = {"hold": "10d", "cool": "0d", "opens": "orange"}
    rows = [warned(0, "yellow"), warned(1, "orange"), warned(11, "yellow"), warned(12, "yellow")]
    assert story(rows, usual=pace) == [
        (1, "opened", "open", "orange", 1),
        (11, "closed", "closed", "orange", 1),  # no time to cool: a mild one opens nothing
    ]
    assert story([*rows[:2], warned(10, "yellow")], usual=pace)[1:] == [
        (10, "warned", "open", "orange", 2), (20, "closed", "closed", "orange", 2),
    ]  # fmt: skip


def test_repeated_warnings_are_graver_and_say_so():
    pace = {**RULE["usual"], "repeats": 3}
    rows = [warned(d, "yellow", value=d / 10) for d in (1, 2, 3)]
    assert story(rows, usual=pace)[2] == (3, "escalated", "open", "orange", 3)
    (alert,) = episodes(table_of(rows), **{**RULE, "usual": pace})["alert"].to_pylist()
    assert alert["reasons"][-1] == {"code": "watch.episode_repeated", "points": 3}
    assert alert["value"] == 0.1  # of the first of the gravest warnings
    assert story([warned(d, "red") for d in (1, 2, 3)], usual=pace)[2][3] == "red"


def test_signals_may_have_their_own_pace():
    codes = ({"code": "J1", "hold": "300d", "cool": "5d"},)
    rows = [warned(0, "red", code="J1"), warned(0, "red", rule="r2", subject="F2")]
    found = episodes(table_of(rows), **{**RULE, "as_of": "2026-03-01", "codes": codes})["alert"]
    assert {r["code"]: r["state"] for r in found.to_pylist()} == {"J1": "open", "T1": "closed"}


def test_a_late_warning_before_it_all_begins_withdraws_and_names_what_takes_its_place():
    rows = [warned(5, "yellow"), warned(0, "orange", seen=7)]
    versions = episodes(table_of(rows), **RULE)["alert_version"].to_pylist()
    (gone,) = [r for r in versions if r["change"] == "withdrawn"]
    (now,) = {r["alert_id"] for r in versions} - {gone["alert_id"]}
    assert (days(gone["known_from"]), gone["instead"], gone["level"]) == (7, now, "yellow")
    table = episodes(table_of(rows), **RULE)["alert_version"]
    # On day 6 nobody knew of the graver one.
    for day, ids, level in ((6, {gone["alert_id"]}, "yellow"), (8, {now}, "orange")):
        alerts = standing(table, START + day * DAY)["alert"].to_pylist()
        assert ({a["alert_id"] for a in alerts}, alerts[0]["level"]) == (ids, level)
    (alert,) = standing(table)["alert"].to_pylist()
    assert (days(alert["opened_at"]), days(alert["seen_at"])) == (0, 7)


def test_a_late_warning_within_amends():
    told = story([warned(0, "yellow"), warned(8, "yellow"), warned(4, "red", seen=9)])
    assert told[2] == (9, "amended", "open", "red", 3)


def test_a_judgement_known_later_takes_the_place_of_the_earlier_one():
    rows = [warned(0, "orange", value=0.4), warned(0, None, seen=2)]
    assert story(rows) == [(0, "opened", "open", "orange", 1),
                           (2, "withdrawn", "withdrawn", "orange", 1)]  # fmt: skip
    assert not len(episodes(table_of(rows), **RULE)["alert"])


def test_what_is_taken_back_is_as_if_it_had_not_been_said_and_ends_nothing():
    rows = [warned(0, "orange"), warned(4, "red"), warned(4, None, seen=6, void=True)]
    assert story(rows)[2:] == [
        (6, "amended", "open", "orange", 1),
        (10, "cooling", "cooling", "orange", 1),
        (15, "closed", "closed", "orange", 1),
    ]
    # A judgement that finds nothing ends the hold there and then.
    rows[2] = warned(4, None, seen=6)
    assert story(rows)[2] == (6, "amended", "cooling", "orange", 1)


def test_a_stream_remembers_no_more_than_may_still_matter():
    stream = EpisodeStream(usual=RULE["usual"])
    most = 0
    for hour in range(4_000):  # one alert that never ends, and one that ends again and again
        told = [stream.see(warned(hour / 24, "yellow"))]
        if hour % 600 == 0:
            told.append(stream.see(warned(hour / 24, "red", subject="F2")))
        stream.forget(START + (hour / 24 - 2) * DAY)
        most = max(most, stream.remembered)
    assert most <= 2 * 24 + 3
    assert told[0].versions["warnings"].to_pylist() == [4_000]
    assert len(stream.save()) < 40_000
    # Too late: it would have to be joined to what is forgotten.
    assert not stream.see(warned(0, "red"))


def test_a_warning_is_not_known_before_the_moment_of_which_it_speaks():
    assert story([warned(5, "yellow", seen=1)])[0][0] == 5


def test_alerts_of_one_subject_at_one_time_are_a_group():
    rows = [
        warned(0, "yellow"), warned(12, "red", rule="r2", code="L1"),  # overlaps the first
        warned(60, "orange"), warned(1, "yellow", subject="F2"),
    ]  # fmt: skip
    found = episodes(table_of(rows), **{**RULE, "as_of": "2026-01-15"})
    groups = {r["group_id"]: r for r in found["alert_group"].to_pylist()}
    assert len(groups) == 2
    (both,) = [g for g in groups.values() if g["alerts"] == 2]
    assert (both["party_id"], both["codes"], both["level"]) == ("F1", "L1, T1", "red")
    assert (both["state"], both["closed_at"], days(both["last_at"])) == ("open", None, 12)
    assert sum(a["group_id"] == both["group_id"] for a in found["alert"].to_pylist()) == 2
    later = episodes(table_of(rows), **RULE)["alert_group"].to_pylist()
    assert sorted((g["party_id"], g["codes"]) for g in later) == [
        ("F1", "L1, T1"), ("F1", "T1"), ("F2", "T1"),
    ]  # fmt: skip


def test_time_alone_cools_and_closes_in_a_stream():
    stream = EpisodeStream(usual=RULE["usual"])
    assert stream.see(warned(0, "yellow")).versions["change"].to_pylist() == ["opened"]
    assert not stream.tick(START + 9 * DAY)
    other = stream.see(warned(10, "red", subject="F2"))
    assert sorted(other.versions["change"].to_pylist()) == ["cooling", "opened"]
    assert not stream.tick(START)  # time does not go back
    later = stream.tick(START + 15 * DAY - timedelta(microseconds=1))
    assert not len(later.versions)
    assert stream.tick(START + 15 * DAY).versions["change"].to_pylist() == ["closed"]


def test_without_a_day_the_newest_warning_is_the_clock():
    rows = [warned(0, "yellow"), warned(12, "yellow", subject="F2")]
    found = episodes(table_of(rows), usual=RULE["usual"])["alert"].to_pylist()
    assert {r["party_id"]: r["state"] for r in found} == {"F1": "cooling", "F2": "open"}


def test_rules_that_make_no_sense_are_refused():
    for wrong in ({"usual": {"hold": "ten days"}}, {"usual": {"opens": "blue"}},
                  {"codes": ({"code": " "},)}, {"usual": {"repeats": -1}}):  # fmt: skip
        with pytest.raises(UsageError):
            EpisodesRule.make(**wrong)
    with pytest.raises(UsageError, match="one pace"):
        EpisodesRule.make(codes=({"code": "T1"}, {"code": "T1"}))
