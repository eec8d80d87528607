"""Have every kernel that takes long compiled and cached, and every template, on two cores.

One process runs the loop over a small world; another calls what the loop does not.
"""

import tempfile
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context

import numpy as np
import pyarrow as pa

import liandong as ld
from liandong.assess import ScorecardClassifier
from liandong.assess.card.bagged import Bagging, bagged
from liandong.console.render import environment
from liandong.govern.sharing.points import points
from liandong.loop import run_loop, world_dates
from liandong.match import locate
from liandong.match.core.assign import assign
from liandong.match.core.problem import Problem, Side
from liandong.schema.arrow import build, empty
from liandong.trace import CircleWatch, LoanWatch, follow
from liandong.types import PPM, Money
from liandong.watch import BacktestRule, Event, EventJudge, Judgement, Sweep, WindowStream, backtest
from liandong.watch.language import Column, RowJudge, program

START = datetime(2024, 1, 1, tzinfo=UTC)
MOVES = [("BANK", "A", 100, 100), ("A", "U", 100, 14), ("U", "B", 14, 98), ("B", "A", 40, 40)]


def main() -> None:
    """Compile on both sides; what goes wrong on one is an error in the end."""
    beside = get_context("spawn").Process(target=without_loop)
    beside.start()
    with (
        tempfile.TemporaryDirectory() as folder,
        ld.open(f"{folder}/warm.board", actor="setup") as board,
    ):
        board.load("world", firms=300, months=30, seed=11)
        run_loop(board, world_dates(board), Money.parse("20_000_000 CNY"))
    beside.join()
    if beside.exitcode:
        raise SystemExit(beside.exitcode)


def without_loop() -> None:
    """Call what the loop does not: every method of a trace, streams, single events, a backtest."""
    accounts = build("bank_account", {
        "account_id": ["BANK", "A", "U", "B"], "party_id": ["BANK", "A", "A", "B"],
        "kind": ["loan", "current", "current", "current"], "opening_balance": [0] * 4,
        "currency": [None, None, "USD", None],
    })  # fmt: skip
    flows = build("flow", {
        "flow_id": [f"f{i}" for i in range(len(MOVES))],
        **{n: [m[k] for m in MOVES] for k, n in enumerate(("src_account", "dst_account", "amount",
                                                           "received"))},
        "at": [START + timedelta(hours=i) for i in range(len(MOVES))], "seq": range(len(MOVES)),
        "kind": ["disbursement", *["transfer"] * 3], "loan_id": ["L", *[None] * 3],
    })  # fmt: skip
    for method in ("haircut", "tiho", "lifo"):
        follow(flows, accounts, method=method)
    watch, circles = LoanWatch({"bank_account": accounts}), CircleWatch()
    for i, (src, dst, amount, _) in enumerate([MOVES[0], MOVES[3]]):
        at, kind = START + timedelta(hours=i), "transfer" if i else "disbursement"
        watch.see(f"f{i}", src, dst, amount, at, kind=kind, loan_id=None if i else "L")
        circles.see(f"f{i}", src, dst, amount, at)
    _one_event()
    _sites()
    _cards()
    _assignments()
    points(["warm"])
    for name in environment().list_templates(extensions=["html"]):
        environment().get_template(name)
    bagged(np.arange(40.0)[:, None], np.arange(40) % 3 == 0, [("ascending",)], Bagging(bags=1))


def _sites() -> None:
    """Open sites in every way: for the mean, the farthest, the most people, and within capacity."""
    places = build("place", {
        "place_id": list("abcde"), "region_id": ["110000"] * 5, "lon": [0.0, 1.0, 2.0, 10.0, 11.0],
        "lat": [0.0] * 5, "weight": [5, 4, 5, 3, 2], "candidate": [True] * 5,
        "must_open": [False] * 5, "capacity": [5, 9, 5, 5, 5],
    })  # fmt: skip
    travel = build("travel", {"src": list("abcd"), "dst": list("bcde"), "minutes": [9.0] * 4})
    ways: tuple[dict[str, object], ...] = (
        {"sites": 2}, {"goal": "centre"}, {"goal": "cover", "radius": 99_000},
        {"sites": 3, "capacitated": True},
    )  # fmt: skip
    for more in ways:
        locate(places, rule=locate.rule.make(**{"sites": 1, **more}))
    locate(places, travel, sites=1, measure="minutes")


def _cards() -> None:
    """Learn a scorecard from numbers and words, with its folds, and use it."""
    rng = np.random.default_rng(12)
    x = pa.table({"a": rng.normal(size=400), "b": rng.choice(["n", "s", "w"], 400)})
    y = rng.random(400) < 1 / (1 + np.exp(1 - x["a"].to_numpy()))
    ScorecardClassifier(folds=2, threads=1).fit(x, y).predict_proba(x)


def _assignments() -> None:
    """Assign with pooled rules that bind and more asked for than there is, as a whole and split."""
    n, rng = 400, np.random.default_rng(3)
    least = np.full(2 * n, 100)
    problem = Problem(
        np.arange(0, 2 * n + 1, 2), np.tile(np.arange(2, dtype=np.int32), n), least,
        least * rng.integers(1, 9, 2 * n), least, rng.integers(1, 99, 2 * n).astype(np.int32),
        np.array([50_000, 60_000]),
        (Side("share", 0, by_project=PPM * (np.arange(n) % 3 == 0) - 400_000),),
    )  # fmt: skip
    for split in (False, True):
        assign(problem, split=split)


def _one_event() -> None:
    """See an event by itself, judge it, and try thresholds on it."""
    event = Event("e1", "bank", 1, START, "payment_out", "A", "B", 100, seen_at=START)
    stream = WindowStream()
    stream.see(event)
    rule = Judgement(code="warm", when="cnt_1h > 0", level="yellow")
    made = program([rule], {"cnt_1h": Column("int")})
    RowJudge(made)({"cnt_1h": 1})
    EventJudge(stream, made)(event._replace(event_id="e0"))  # which belongs before the other
    log = build("watch_event", {n: [v] for n, v in event._asdict().items()})
    sweep = Sweep.over("warm", "cnt_1h > {x}", "0", "1", 2)
    backtest(log, empty("event"), empty("warning"), rule=BacktestRule(sweeps=(sweep,)))


if __name__ == "__main__":
    main()
