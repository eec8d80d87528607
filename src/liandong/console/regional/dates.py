"""What a page of a region rests on: date, vintage and source of each table, or what makes it."""

from liandong.console.reading import Reading, Row

MADE_BY = {
    "region_stat": "load",
    "gap": "survey.gap",
    "convergence": "survey.convergence",
    "structure": "survey.specialisation",
    "complexity": "survey.complexity",
    "opportunity": "survey.opportunities",
    "partner": "survey.partners",
    "chain_region": "survey.chain",
    "region_input": "survey.chain",
    "chokepoint": "survey.chain",
    "reach": "survey.circles",
    "service_summary": "match.locate",
    "region_money": "survey.money",
    "coupling": "survey.coupling",
    "cooperation": "survey.cooperate",
}
"""Tables of the page, and the step that makes each."""

_WHEN = {
    "region_stat": "period", "gap": "period", "convergence": "last", "structure": "period",
    "complexity": "period", "opportunity": "period", "partner": "period", "coupling": "period",
    "chain_region": "as_of", "region_input": "as_of", "chokepoint": "as_of",
    "region_money": "as_of",
}  # fmt: skip
"""The field that says of when a table's rows are."""


def dates(reading: Reading, stats: list[Row]) -> list[Row]:
    """Return table, newest ``date``, its ``vintages``, ``source`` of statistics, ``made`` and step.

    A table without any rows is ``missing``; its step makes it. ``stats`` are the newest statistics
    of a region.
    """
    known = reading.once(("dates",), lambda: [_dated(reading, n, s) for n, s in MADE_BY.items()])
    return [{**d, **(_sources(stats) if d["table"] == "region_stat" else {})} for d in known]


def _dated(reading: Reading, name: str, step: str) -> Row:
    runs, day = reading.source(name), None
    if runs and name in _WHEN:
        asked = "SELECT max({when})::VARCHAR AS day FROM {name}"
        day = reading.one(asked, when=_WHEN[name], name=name)["day"]
    return {"table": name, "date": day, "vintages": None, "source": None, "runs": runs,
            "step": step, "missing": not runs}  # fmt: skip


def _sources(stats: list[Row]) -> Row:
    """Return the newest period of statistics, their vintages and their sources."""
    if not stats:
        return {}
    return {
        "date": max(r["period"] for r in stats),
        "vintages": ", ".join(sorted({r["vintage"] for r in stats})),
        "source": "; ".join(sorted({r["source"] for r in stats})),
    }


def changes(reading: Reading, adcode: str) -> list[Row]:
    """Return the changes by which a region came to be what it is, or ceased to be."""
    return reading.rows(
        "SELECT * FROM region_change WHERE old_id = ? OR new_id = ?"
        " ORDER BY changed_on, old_id, new_id",
        adcode, adcode,
    )  # fmt: skip


def today(reading: Reading, adcode: str) -> list[str]:
    """Return the codes that a code that was given up has become, none if nothing is known."""
    return [r["new_id"] for r in changes(reading, adcode) if r["old_id"] == adcode]
