"""Memory of a watch whose windows reach back a year, with and without the texts of what is old.

A watch on a board keeps no texts of events that no late one can touch: its log has them. The peer
is the same stream as one that can be saved, which keeps them all. Where subjects come and go, one
that may use little memory for events, so that those of quiet subjects lie on the disk, stands
beside one that may use all. Each has a process of its own.
"""

from measure import Measured, figures, measure

EVENTS, SUBJECTS, OTHERS, BATCH = 2_000_000, 10_000, 50_000, 10_000
MEMORY = 64 << 20
"""Bytes of events and counterparties of the one that may use little."""
CODE = """
import hashlib, json, sys, tempfile, time
from pathlib import Path
import numpy as np, pyarrow as pa
from liandong.watch import WindowStream

from liandong.store.shelf import Shelf
from liandong.watch.windows.resting import Spill

EVENTS, SUBJECTS, OTHERS, BATCH, TO_SAVE, MEMORY, GO = map(int, sys.argv[1:])
YEAR = 365 * 86_400_000_000
WINDOWS = [{"name": fn, "fn": fn, "over": "365d", "of": "amount"} for fn in ("sum", "min", "max")]
WINDOWS += [{"name": "others", "fn": "distinct", "over": "365d"},
            {"name": "today", "fn": "count", "over": "1d"}]

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4_096 / 1e6

def batch(a, rng):
    at = np.sort(rng.integers(0, YEAR // (EVENTS // BATCH), BATCH)) + YEAR * a // EVENTS
    at = pa.array(at + 1_700_000_000_000_000).cast(pa.timestamp("us", "UTC"))
    named = {"source": "bank", "kind": "payment_out"}
    subject = rng.choice(SUBJECTS, BATCH, p=WEIGHT) + GO * (SUBJECTS * a * 10 // EVENTS)
    drawn = {"subject_id": subject, "other_id": rng.integers(0, OTHERS, BATCH)}
    return pa.table({
        "event_id": pa.array(np.arange(a, a + BATCH)).cast(pa.string()),
        "seq": np.arange(a, a + BATCH), "at": at, "seen_at": at,
        **{n: pa.array([v]).take(np.zeros(BATCH, int)) for n, v in named.items()},
        **{n: pa.array(v).cast(pa.string()) for n, v in drawn.items()},
        "amount": rng.integers(1, 10**6, BATCH), "tag": pa.nulls(BATCH, pa.string()),
    })

WEIGHT = np.arange(1, SUBJECTS + 1) ** -0.8
WEIGHT /= WEIGHT.sum()
rng, said, spent = np.random.default_rng(7), hashlib.sha256(), 0.0
WindowStream(windows=WINDOWS).take(batch(0, np.random.default_rng(0)))  # what has to be compiled is
folder = tempfile.TemporaryDirectory()
spill = Spill(Shelf(Path(folder.name)), MEMORY) if MEMORY else None
stream = WindowStream(windows=WINDOWS, late="7d", to_save=bool(TO_SAVE), spill=spill)
before = resident()
for a in range(0, EVENTS, BATCH):
    events = batch(a, rng)
    start = time.perf_counter()
    told = stream.take(events)
    spent += time.perf_counter() - start
    for values in told.said:
        said.update(values.tobytes())
print(json.dumps({"rss": resident() - before, "said": said.hexdigest(),
                  "speed": len(events) * (EVENTS // BATCH) / spent,
                  "size": stream.size, "resting": stream.resting}))
"""


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part; none if it has to be quick: memory takes long to fill."""
    if quick:
        return {}
    lean, saved = _grown(), _grown(to_save=True)
    ample, tight = _grown(go=True), _grown(go=True, memory=MEMORY)
    sizes = {f"{part}_mb": size / 1e6 for part, size in lean.said["size"].items()}
    return figures(
        "memory",
        {
            "events": EVENTS,
            "rss_mb": lean.said["rss"],
            "rss_mb_to_save": saved.said["rss"],
            "rss_vs_to_save": lean.said["rss"] / saved.said["rss"],
            "events_per_s": lean.said["speed"],
            "events_per_s_to_save": saved.said["speed"],
            "equal": lean.said["said"] == saved.said["said"],
            **sizes,
            "texts_mb_to_save": saved.said["size"]["texts"] / 1e6,
            **{f"ample_{name}": of for name, of in _of(ample).items()},
            **{f"tight_{name}": of for name, of in _of(tight).items()},
            "tight_vs_ample": tight.said["rss"] / ample.said["rss"],
            "equal_tight": tight.said["said"] == ample.said["said"],
        },
    )


def _of(measured: Measured) -> dict[str, float]:
    said = measured.said
    return {
        "rss_mb": said["rss"],
        "events_per_s": said["speed"],
        "log_mb": said["size"]["log"] / 1e6,
        "counters_mb": said["size"]["counters"] / 1e6,
        "resting_mb": said["resting"]["bytes"] / 1e6,
        "resting_subjects": said["resting"]["subjects"],
        "resting_bound_mb": said["resting"]["bound"] / 1e6,
    }


def _grown(*, to_save: bool = False, memory: int = 0, go: bool = False) -> Measured:
    """Return what a stream measures of itself, in a process of its own."""
    given = EVENTS, SUBJECTS, OTHERS, BATCH, int(to_save), memory, int(go)
    return measure(CODE, *(str(g) for g in given))
