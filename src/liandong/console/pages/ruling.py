"""One rule of watch: what it says in words, since when, and what went by it."""

from typing import Any

from liandong.console.links import missing
from liandong.console.practice import precision
from liandong.console.query import Query
from liandong.console.reading import Reading
from liandong.console.ruling import in_words

_COUNTS = {
    "alert": "SELECT count(*) AS n FROM alert WHERE rule = ?",
    "warning": "SELECT count(*) AS n FROM warning WHERE rule = ?",
    "live_warning": "SELECT count(*) AS n FROM live_warning WHERE rule = ?",
}

_HINDSIGHT = (
    "SELECT * FROM backtest_point WHERE kind <> 'sweep' AND list_contains(?, study)"
    " ORDER BY name, study, point"
)


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return a rule by the id that warnings and alerts name.

    Raises
    ------
    NotFoundError
        If no rule of watch has this id.
    """
    name = query.text("rule_id")
    kept = reading.rows(
        "SELECT * FROM rule WHERE rule_id = ? OR kind = 'WatchRule' ORDER BY rule_id", name
    )
    told = reading.once(("told", name), lambda: in_words(kept))
    mine = [r for r in told if name in (r["rule"], r["within"])]
    if not mine:
        raise missing("rule", name, "/rules/watch")
    own = next((r for r in kept if r["rule_id"] == name), None)
    codes = {r["code"] for r in mine}
    return {
        "rule_id": name,
        "kind": own and own["kind"],
        "toml": own and own["toml"],
        "told": mine,
        "within": sorted({r["within"] for r in mine} - {name}),
        "others": [r for r in told if r["code"] in codes and name not in (r["rule"], r["within"])],
        "counts": {n: reading.one(asked, name)["n"] for n, asked in _COUNTS.items()},
        "precision": precision(reading, codes),
        "hindsight": reading.rows(_HINDSIGHT, sorted(codes)),
        "sources": {
            "rule": [own["run_id"]] if own and own["run_id"] else [],
            **{t: reading.source(t) for t in ("rule_precision", "backtest_point")},
        },
    }
