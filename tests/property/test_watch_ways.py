"""Live is backtest is notebook: the same hash in 200 ways of feeding a watch, and its teeth."""

import json

import pytest

from liandong.delivery import lines
from liandong.testing import check_watch, ways
from support.happened import RULE, happened

CASES = 210


@pytest.fixture(scope="module")
def events():
    return lines.read("\n".join(map(json.dumps, happened(600, subjects=12))).encode(), "a")[0]


def test_the_same_in_all_ways(events):
    assert check_watch(RULE, events, CASES, seed=20) > 1_000
    drawn = list(ways.ways(len(events), CASES, 20))
    assert {w.shards for w in drawn} == {1, 2, 4}
    assert {w.size for w in drawn} >= {1, 2, 3}
    assert max(w.size for w in drawn) > 400
    assert sum(bool(w.restarts) for w in drawn) > CASES / 3
    assert sum(w.mixed is not None for w in drawn) == CASES / 2


def test_a_watch_that_forgets_is_found_out(events, monkeypatch):
    monkeypatch.setattr(ways.Watcher, "recall", lambda *_: None)
    with pytest.raises(AssertionError, match="another outcome"):
        check_watch(RULE, events, 60)


def test_windows_that_depend_on_batches_are_found_out(events, monkeypatch):
    take = ways.Watcher.take

    def halved(self, events):
        return take(self, events if len(events) < 100 else events.slice(1))

    monkeypatch.setattr(ways.Watcher, "take", halved)
    with pytest.raises(AssertionError, match="another outcome"):
        check_watch(RULE, events, 60)
