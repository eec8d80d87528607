"""Alerts as they were known on a day, and a rest from them."""

from datetime import UTC, datetime, time, timedelta
from typing import Annotated

import typer

from liandong.cli import show
from liandong.cli.do import Json
from liandong.cli.show import say
from liandong.cli.values import day_of
from liandong.types import CHINA, today

VERSIONS = """
SELECT * FROM alert_version UNION ALL BY NAME (
    SELECT * EXCLUDE (watch, seq) FROM alert_change
    QUALIFY row_number() OVER (PARTITION BY watch, alert_id, known_from ORDER BY seq DESC) = 1
)
"""
"""Of all alerts, those of running watches too, whose last word of a moment counts."""
SHORT = 7
"""Digits of the id of a group that are shown; all of them in JSON."""


def alerts(
    on: Annotated[str, typer.Option(help="Known by the end of this day; today without it.")] = "",
    party: Annotated[str, typer.Option(help="Only those of a party.")] = "",
    closed: Annotated[bool, typer.Option(help="Those that are over, too.")] = False,
    snoozed: Annotated[bool, typer.Option(help="Those that are snoozed, too.")] = False,
    as_json: Json = False,
) -> None:
    """List alerts as they were known on a day, the gravest first."""
    from liandong.schema.arrow import conform
    from liandong.schema.tables import TABLES
    from liandong.schema.tables.warnings import LEVELS
    from liandong.watch import awake, standing

    until = datetime.combine((day_of(on) or today()) + timedelta(days=1), time(), CHINA)
    last = until - timedelta(microseconds=1)
    with show.board() as board:
        versions = conform("alert_version", board.sql(VERSIONS))
        found = standing(versions, last)["alert"]
        if not snoozed:
            found = awake(found, board.table("snooze").arrow(), last if on else datetime.now(UTC))
    rows = [
        r for r in found.to_pylist()
        if (closed or r["state"] != "closed") and party in {"", r["party_id"]}
    ]  # fmt: skip
    rows.sort(key=lambda r: (-LEVELS.index(r["level"]), r["party_id"], r["code"], r["alert_id"]))
    if as_json:
        show.as_json(rows)
        return
    wanted = ("level", "party_id", "group_id", "code", "state", "opened_at", "last_at", "warnings",
              "value")  # fmt: skip
    fields = [TABLES["alert"].field(n) for n in wanted]
    heads = [f.zh if show.COMMON.lang == "zh" else f.en for f in fields]
    told = ({**r, "group_id": r["group_id"][:SHORT]} for r in rows)
    show.grid(heads, ([show.cell(r[f.name], f.kind) for f in fields] for r in told))


def snooze(
    party: Annotated[str, typer.Argument(help="Party whose alerts are hidden.")],
    reason: Annotated[str, typer.Option(help="Why nobody need look.")],
    days: Annotated[int, typer.Option(min=1, max=3660, help="For how many days.")] = 30,
    code: Annotated[str, typer.Option(help="Only alerts of this signal, such as T2.")] = "",
    level: Annotated[str, typer.Option(help="The gravest level that is hidden.")] = "red",
) -> None:
    """Hide the alerts of a party for some days; who did it and why is kept."""
    until = datetime.now(UTC) + timedelta(days=days)
    with show.board() as board:
        board.snooze(party, until=until, reason=reason, code=code or None, level=level)
    show.line(say(f"{party} 的预警暂停提醒至 {until:%Y-%m-%d}",
                  f"alerts of {party} are snoozed until {until:%Y-%m-%d}"))  # fmt: skip
