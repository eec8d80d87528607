"""Screening: a million listed names, half of Chinese firms, half in Latin letters.

The names are made beside this, with a seed that nothing was chosen on. Queries are listed names
after one change; recall counts those found among the first five at or above the default threshold,
and a false hit is any other entry there.
"""

import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from random import Random

import numpy as np

from liandong.watch import NameIndex, ScreenRule
from measure import figures
from watch_names import (
    changed,
    chinese_names,
    common,
    latin_changed,
    latin_names,
    latin_swapped,
    pinyin_form,
    seeded,
    swapped,
    turned,
)

SEED = 20_261
TOP, MANY = 5, 200
THRESHOLD = int(ScreenRule.model_fields["threshold"].default)
DENSE = "华信达恒泰鑫瑞祥宏博远盛嘉德润丰利安康诚科创智联众益广源东方海天金龙新通易成明峰立"
"""So few characters that most changed names are listed themselves, or near many that are."""
DENSE_NAMES = 10_000
PEER_NAMES, PEER_QUERIES = 100_000, 60

Change = Callable[[str, Random], str]
Query = tuple[int, str]
"""Row of the name that is meant, and what is asked."""


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    count, asked = (8_000, 150) if quick else (1_000_000, 1_000)
    pinyin = find_spec("pypinyin") is not None
    rng = seeded(SEED)
    chinese = chinese_names(count // 2, common(), rng)
    latin = latin_names(count - count // 2, rng)
    begun = time.process_time()
    index = NameIndex(chinese + latin, pinyin=pinyin)
    found: dict[str, object] = {
        "names": count, "pypinyin": "measured" if pinyin else "missing",
        "build_cpu_s": time.process_time() - begun,
        "peak_mb": _peak_mb(),
    }  # fmt: skip
    index.find("上海恒泰贸易有限公司"), index.find("John Smith")  # compiled, if it was not before
    took: list[float] = []
    every = []
    for kind, queries in _queries(chinese, latin, asked, pinyin=pinyin).items():
        judged = _judged(index, queries, took)
        every.append(judged)
        found |= {f"{kind}.{k}": v for k, v in judged.items()}
    found |= {
        "recall_at_5": min(j["recall_at_5"] for j in every),
        "false_hits": float(np.mean([j["false_hits"] for j in every])),
        "unlisted.false_hits": _unlisted(index, chinese, latin, asked),
        "p50_ms": float(np.percentile(took, 50)), "p99_ms": float(np.percentile(took, 99)),
        "worst_ms": max(took),
    }  # fmt: skip
    return figures("screen", found | _dense() | _peer(quick=quick))


def _peak_mb() -> float:
    """Return the peak of this process alone; what ``getrusage`` says includes who started it."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def _queries(
    chinese: Sequence[str], latin: Sequence[str], asked: int, *, pinyin: bool
) -> dict[str, list[Query]]:
    """Return queries by the change that was made."""
    found = {
        "zh_changed": _made(chinese, asked, _one_changed),
        "zh_swapped": _made(chinese, asked, swapped),
        "latin_changed": _made(latin, asked, latin_changed, len(chinese)),
        "latin_swapped": _made(latin, asked, latin_swapped, len(chinese)),
        "latin_turned": _made(latin, asked, turned, len(chinese)),
    }
    return found | ({"zh_pinyin": _made(chinese, asked, pinyin_form)} if pinyin else {})


def _one_changed(name: str, rng: Random) -> str:
    return changed(name, common(), rng)


def _made(names: Sequence[str], asked: int, change: Change, first: int = 0) -> list[Query]:
    """Change some names, the first of which stands in row ``first`` of the index."""
    rng = seeded(SEED + 1)
    rows = [rng.randrange(len(names)) for _ in range(asked)]
    return [(first + r, change(names[r], rng)) for r in rows]


def _judged(index: NameIndex, queries: Sequence[Query], took: list[float]) -> dict[str, float]:
    """Return recall and false hits a query; ``took`` gets milliseconds of CPU for each."""
    met, false = 0, 0
    for row, name in queries:
        start = time.process_time_ns()
        top = index.find(name, most=TOP, least=THRESHOLD)
        took.append((time.process_time_ns() - start) / 1e6)
        met += any(m.row == row for m in top)
        false += sum(m.row != row for m in index.find(name, most=MANY, least=THRESHOLD))
    return {"recall_at_5": met / len(queries), "false_hits": false / len(queries)}


def _unlisted(index: NameIndex, chinese: Sequence[str], latin: Sequence[str], asked: int) -> float:
    """Return hits a query of names of the same making that are on no list."""
    rng, known = seeded(SEED + 2), {*chinese, *latin}
    names = chinese_names(asked, common(), rng) + latin_names(asked, rng)
    fresh = [n for n in names if n not in known]
    hits = sum(len(index.find(n, most=MANY, least=THRESHOLD)) for n in fresh)
    return hits / len(fresh)


def _dense() -> dict[str, object]:
    """Ask among names of few characters, places and trades, where many are near each other.

    Clear are queries with fewer than five other hits; of the rest nobody can tell which of the near
    names was meant, and some are met by luck.
    """
    rng = seeded(SEED + 3)
    names = chinese_names(DENSE_NAMES, DENSE, rng, places=4, trades=3)
    index = NameIndex(names)
    queries = _made(names, 200, lambda n, r: changed(n, DENSE, r))
    judged, near = _judged(index, queries, []), 0
    for row, name in queries:
        best = [m for m in index.find(name, most=MANY, least=THRESHOLD) if m.row != row]
        near += len(best) < TOP
    return {"dense.names": DENSE_NAMES, "dense.recall_at_5": judged["recall_at_5"],
            "dense.clear": near / len(queries)}  # fmt: skip


def _peer(*, quick: bool) -> dict[str, object]:
    """Compare with rapidfuzz, which looks at every name, on the same names and queries."""
    if find_spec("rapidfuzz") is None:
        return {"rapidfuzz": "missing"}
    from rapidfuzz import process
    from rapidfuzz.distance import JaroWinkler, Levenshtein

    count = PEER_NAMES // 10 if quick else PEER_NAMES
    names = chinese_names(count, common(), seeded(SEED + 4))
    queries = _made(names, PEER_QUERIES, _one_changed)
    index, took = NameIndex(names), [0.0]
    ours = _judged(index, queries, took)
    found: dict[str, object] = {"rapidfuzz": "measured", "peer.names": count,
                                "peer.recall_at_5": ours["recall_at_5"]}  # fmt: skip
    for label, scorer in (("levenshtein", Levenshtein), ("jaro_winkler", JaroWinkler)):
        start, met = time.process_time(), 0
        for row, name in queries:
            top = process.extract(name, names, scorer=scorer.normalized_similarity, limit=TOP)
            met += any(r == row for _, _, r in top)
        each = (time.process_time() - start) / len(queries) * 1e3
        found |= {
            f"{label}.ms": each,
            f"{label}.recall_at_5": met / len(queries),
            f"ratio_vs_{label}": each / float(np.mean(took[1:])),
        }
    return found
