"""Experiments with policy, at random: money is kept, and seeds decide."""

from importlib import import_module

from hypothesis import given, settings
from hypothesis import strategies as st

from support.lending import WAN
from support.sandbox import board, played, rule

ASKED = st.fixed_dictionaries({
    "months": st.sampled_from([1, 3, 12]),
    "periods": st.integers(1, 5),
    "demand": st.sampled_from(["20%", "100%"]),
    "correlation": st.sampled_from(["0%", "24%"]),
    "pd_factor": st.sampled_from(["100%", "1000%"]),
    "repayment": st.sampled_from(["end", "equal"]),
    "seed": st.integers(0, 9),
})  # fmt: skip
ARMS = st.fixed_dictionaries({
    "budget": st.integers(0, 900).map(lambda n: f"{n * WAN / 100:.2f}"),
    "added": st.integers(0, 90).map(lambda n: f"{n * WAN / 100:.2f}"),
    "micro_share": st.sampled_from(["0%", "70%"]),
})  # fmt: skip


@settings(max_examples=12, deadline=None)
@given(ASKED, ARMS)
def test_no_fen_appears_or_vanishes(asked, arm):
    wanted = rule({}, {"name": "other", **arm}, replications=2, **asked)
    paths, _ = played(board(8), wanted)
    assert played(board(8), wanted)[0] == paths
    for name in ("now", "other"):
        for replication in (1, 2):
            rows = [paths[name, replication, t] for t in range(1, wanted.periods + 1)]
            kept = rows[-1]["closing"] + rows[-1]["book"]
            assert sum(r["added"] - r["lost"] for r in rows) == kept
            for r in rows:
                back = r["repaid"] + r["recovered"] + r["guaranteed"]
                assert r["opening"] + r["added"] - r["lent"] + back == r["closing"]
                assert r["lent"] <= r["opening"] + r["added"]
                assert r["profit"] == r["interest"] - r["costs"] - r["lost"]
                assert r["bound"] >= r["value"]


def test_other_seeds_have_other_chances():
    tables = board(8)
    first, second = (played(tables, rule(demand="50%", seed=s))[0] for s in (1, 2))
    assert first != second


def test_threads_change_nothing(monkeypatch):
    tables, asked = board(20), rule(demand="50%", replications=5, pd_factor="500%")
    found = []
    for threads in (1, 2, 5):
        monkeypatch.setattr(
            import_module("liandong.match.experiment.experiment"), "THREADS", threads
        )
        found.append(played(tables, asked))
    assert found[0] == found[1] == found[2]
