"""The pictures of backtests: what a threshold gains for the alerts that it costs."""

from typing import Any

from markupsafe import Markup

from liandong.console.cells import Cells
from liandong.console.drawing import Axis, Series, curves

Data = dict[str, Any]
SHARES = frozenset({"recall", "precision"})


def gains(data: Data, c: Cells) -> list[tuple[str, Markup]]:
    """Draw recall, lead time and precision of all thresholds and sets over their alerts."""
    names = {
        "recall": c.t("backtest_recall"),
        "lead_median": c.t("backtest_lead"),
        "precision": c.t("backtest_precision"),
    }
    return [(label, _over_burden(data, field, label, c)) for field, label in names.items()]


def _over_burden(data: Data, field: str, label: str, c: Cells) -> Markup:
    chosen, every = data["chosen"], [*data["points"], *data["sets"]]
    drawn = [
        Series(data["study"], "s1", _places(data["points"], field)),
        Series(data["study"], "s1", _places(data["points"], field), dots=True),
        *(Series(r["study"], "s2", _places([r], field), dots=True) for r in data["sets"]),
        Series(c.t("backtest_chosen"), "s3", _places([chosen] if chosen else [], field), dots=True),
    ]
    x = Axis.over([0, *(p[0] for p in _places(every, "burden"))], c.t("backtest_burden"))
    y = Axis.over([0, *(p[1] for p in _places(every, field))], label, share=field in SHARES)
    return curves(label, drawn, x, y)


def _places(rows: list[Data], field: str) -> list[tuple[float, ...]]:
    there = (r for r in rows if r["burden"] is not None and r[field] is not None)
    return [(r["burden"], r[field]) for r in there]
