"""Privacy budgets: never overdrawn, whatever is granted and spent in whatever order."""

from contextlib import suppress
from itertools import count
from threading import Barrier, Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liandong as ld
from liandong.errors import BoardLockedError, DataError
from liandong.govern import ReleaseRule, release
from support.released import ORDER, give, loans, parties

STEPS = st.lists(st.tuples(st.booleans(), st.integers(1_000, 900_000)), min_size=1, max_size=8)
NUMBER = count()


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    with ld.open(tmp_path_factory.mktemp("budget") / "b.board", actor="ann") as board:
        board.put("data", {"party": parties(), "loan": loans(("F1", 1))})
        yield board


@given(steps=STEPS)
@settings(max_examples=12, deadline=None)
def test_what_is_spent_was_granted(kept, steps):
    receiver, granted, spent = f"R{next(NUMBER)}", [], 0
    for number, (gives, epsilon) in enumerate(steps):
        if gives:
            granted.append(epsilon)
            give(kept, *granted, receiver=receiver)
            continue
        rule = ReleaseRule.make(**{
            **ORDER, "receiver": receiver, "name": f"{receiver}-{number}",
            "epsilon": f"{epsilon / 10**6:.6f}",
        })  # fmt: skip
        fits = spent + epsilon <= sum(granted)
        if fits:
            kept.run(release, rule=rule)
            spent += epsilon
        else:
            with pytest.raises(DataError):
                kept.run(release, rule=rule)
        assert bool(kept.table("released").rows(release=rule.name)) == fits
    rows = [r for r in kept.ledger.balances().to_pylist() if f"@{receiver}:" in r["account_id"]]
    assert [(r["credit"], r["debit"]) for r in rows] == [(sum(granted), spent)] * bool(granted)


def test_two_at_once_spend_a_budget_once(location, tmp_path):
    places = {"lake": tmp_path / "lake"}
    with ld.open(location, actor="ann", **places) as board:
        board.put("data", {"party": parties(), "loan": loans(("F1", 1))})
        give(board, 900_000)
        done, start = [], Barrier(2)

        def spend(name):
            with ld.open(location, actor=name, **places) as own:
                start.wait()
                while True:
                    with suppress(BoardLockedError):
                        try:
                            own.run(release, **{**ORDER, "name": name})
                        except DataError:
                            return
                        done.append(name)
                        return

        threads = [Thread(target=spend, args=(name,)) for name in ("one", "two")]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert len(done) == 1
        assert set(board.table("released").arrow()["release"].to_pylist()) == set(done)
        found = {r["account_id"]: r for r in board.ledger.balances().to_pylist()}
        assert found["memo:loan@B1:epsilon"]["debit"] == 500_000
        assert board.check() == []


def test_noise_is_whole_numbers(kept):
    receiver = f"R{next(NUMBER)}"
    give(kept, 10**6, receiver=receiver)
    kept.run(
        release, **{**ORDER, "receiver": receiver, "name": receiver, "groups": {"region_id": []}}
    )
    found = kept.table("released").rows(release=receiver)
    assert len({r["value"] for r in found}) > 1  # with 34 cells, chance is below 1e-20
    assert abs(np.median([r["value"] for r in found])) <= 6
