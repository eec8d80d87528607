"""Early-warning signals: a world judged week by week, and detectors number by number.

The world is made with a seed of its own. Detectors run over one course of numbers; river's ADWIN,
where it is installed, gets the first of them one by one, and must find the leaps as well.
"""

import time
from collections.abc import Callable
from datetime import date, timedelta
from importlib.util import find_spec

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.kernels.streams.drift import adwin, adwin_state, cusum, cusum_state
from liandong.watch import SignalsRule, events, signals
from liandong.world import make
from measure import figures

SEED = 20_262
DELTA, LEAST = 0.002, 5
LEAPS = (0.2, 0.5, 0.3)
"""Shares of ones in the three parts of the course."""
PEER_NUMBERS = 30_000

Float = NDArray[np.float64]


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    found = _world(*((500, 4) if quick else (20_000, 8)))
    return figures("signals", found | _detectors(300_000 if quick else 3_000_000))


def _cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _world(firms: int, weeks: int) -> dict[str, object]:
    """Judge all firms of a world in each of some weeks; one week alone takes the fixed costs."""
    tables = dict(make(firms=firms, months=36, seed=SEED))
    begun = time.process_time()
    made = events(*(tables[n] for n in events.reads))["watch_event"]
    making = time.process_time() - begun
    tables["watch_event"] = pa.concat_tables([tables["watch_event"], made])
    given = [tables[n] for n in signals.reads]
    last = date(2026, 1, 1) - timedelta(days=1)

    def judge(moments: int) -> Callable[[], object]:
        return lambda: signals(*given, rule=SignalsRule(as_of=last, moments=moments))

    judge(1)()  # compiled, if it was not before
    alone, many = _cpu(judge(1)), _cpu(judge(1 + weeks))
    return {
        "firms": firms, "events": len(tables["watch_event"]),
        "events_per_cpu_s": len(made) / making, "one_moment_cpu_s": alone,
        "further_moment_cpu_s": (many - alone) / weeks,
    }  # fmt: skip


def _detectors(count: int) -> dict[str, object]:
    rng = np.random.default_rng(SEED)
    course = np.concatenate([rng.random(count // 3) < p for p in LEAPS]).astype(float)
    normal = rng.standard_normal(count)
    cusum(normal[:9], 0.5, cusum_state()), adwin(course[:9], DELTA, LEAST, adwin_state())
    return {
        "cusum_per_cpu_s": count / _cpu(lambda: cusum(normal, 0.5, cusum_state())),
        "adwin_per_cpu_s": count / _cpu(lambda: adwin(course, DELTA, LEAST, adwin_state())),
        **_peer(course),
    }


def _peer(course: Float) -> dict[str, object]:
    """Return how fast river is, and by how many numbers it finds the leap later."""
    if find_spec("river") is None:
        return {"river": "missing"}
    from river.drift import ADWIN

    half = len(course) // 3
    numbers = course[half - PEER_NUMBERS // 2 : half + PEER_NUMBERS // 2]
    peer, found = ADWIN(delta=DELTA, clock=1, min_window_length=LEAST), []

    def all_of_it() -> None:
        for i, value in enumerate(numbers.tolist()):
            peer.update(value)
            if peer.drift_detected:
                found.append(i)

    seconds = _cpu(all_of_it)
    ours = _cpu(lambda: adwin(numbers, DELTA, LEAST, adwin_state()))
    own = np.flatnonzero(adwin(numbers, DELTA, LEAST, adwin_state()))
    later = [i for i in found if i >= PEER_NUMBERS // 2]
    return {
        "river": "measured", "adwin_per_cpu_s_river": len(numbers) / seconds,
        "adwin_ratio_vs_river": seconds / ours,
        "leap_found_later_by_river": later[0] - int(own[own >= PEER_NUMBERS // 2][0]),
    }  # fmt: skip
