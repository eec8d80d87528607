"""The picture of a case: its alerts over time, with warnings, events and acts."""

from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from liandong.console import formats
from liandong.console.cells import Cells
from liandong.console.drawing import Axis, Dot, Lane, lanes
from liandong.types import EPOCH

Data = dict[str, Any]
LOOKS = {"red": "level-red", "orange": "level-orange", "yellow": "level-yellow"}
DAY = timedelta(days=1)
MARKS = 5


def course(data: Data, c: Cells) -> Markup:
    """Draw the alerts of a case as bars, and below them what happened and what was done.

    What was done after everything that is known of the firm stands at the right end.
    """
    facts = [r["at"] for r in data["timeline"] if r["what"] != "act"]
    facts += [a["opened_at"] for a in data["alerts"] if a["opened_at"]]
    facts = facts or [data["case"]["opened_at"]]
    x = _axis(min(facts), max(facts), c)
    drawn = [_alert(a, x, c) for a in data["alerts"] if a["opened_at"]]
    for what in ("warning", "event", "act"):
        dots = [_dot(r, c) for r in data["timeline"] if r["what"] == what]
        drawn.append(Lane(c.t(f"case_{what}s"), dots=dots))
    return lanes(c.t("case_course"), drawn, x)


def _axis(first: datetime, last: datetime, c: Cells) -> Axis:
    low, high = _days(first - DAY), _days(last + DAY)
    at = [low + (high - low) * k / (MARKS - 1) for k in range(MARKS)]
    return Axis(low, high, tuple((d, formats.day_of(EPOCH + d * DAY, c.lang)) for d in at[::2]))


def _alert(a: Data, x: Axis, c: Cells) -> Lane:
    level = c.choice("alert", "level", a["level"])
    end = _days(a["closed_at"]) if a["closed_at"] else x.high
    told = f"{a['code']} {level}, {formats.day_of(a['opened_at'], c.lang)}"
    return Lane(a["code"], (_days(a["opened_at"]), end), LOOKS[a["level"]], told)


def _dot(r: Data, c: Cells) -> Dot:
    look = LOOKS.get(r.get("level") or "", "s1" if r["what"] == "act" else "s3")
    return Dot(_days(r["at"]), look, f"{word(r, c)}, {formats.moment(r['at'], c.lang)}")


def word(r: Data, c: Cells) -> str:
    """Return what a line of the timeline is, in words."""
    if r["what"] == "act":
        return f"{c.choice('case_act', 'kind', r['word'])} ({r['actor']})"
    if r["what"] == "event":
        return c.choice("event", "kind", r["word"])
    if r["what"] == "alert":
        return f"{r['code']} {c.choice('alert_version', 'change', r['word'])}"
    return f"{r['code']} {c.choice('alert', 'level', r['level'])}"


def _days(at: datetime) -> float:
    return (at - EPOCH) / DAY
