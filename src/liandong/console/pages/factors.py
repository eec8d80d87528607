"""Factors across regions: service points, quota that changes hands, and computing power."""

import tomllib
from typing import Any

from liandong.console.filters import Filter
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.console.tiles import shades_of

BLOCKS = (
    "sites", "places", "spread", "areas", "sessions", "ladder", "nets", "trades", "hubs", "hours",
    "jobs", "savings",
)  # fmt: skip
TOTAL = "*"
UNITS = {"distance": ("km", 1_000), "minutes": ("min", 60)}
"""By measure of a plan: the unit in which distances are shown, and how many of its own make one."""
HOURS = 72
"""Hours of computing that are shown: the last ones."""
KGCE = 0.1229
"""Kilograms of coal equivalent of a kilowatt-hour, as quota counts it (GB/T 2589-2020)."""
_USED = "round(1e6 * p.used / nullif(p.capacity, 0))::BIGINT AS used_share"


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return a plan of service points, a session of the exchange, and a plan of computing."""
    f = Filter.of(query)
    plans = _scenarios(reading, "service_summary")
    plan = query.choice("plan", plans, next(iter(plans), ""))
    runs = _scenarios(reading, "dispatch_summary")
    run = query.choice("dispatch", runs, next(iter(runs), ""))
    whole = reading.caller.sight.rows is None
    return {
        "plans": plans,
        "plan": plan,
        **_siting(reading, f, plan),
        **_exchange(reading, f, query, whole=whole),
        "whole": whole,
        "dispatches": runs,
        "dispatch": run,
        **_computing(reading, f, run),
        "sources": {
            **{t: reading.source(t, plan) for t in
               ("service_point", "service_link", "service_summary")},
            **{t: reading.source(t) for t in ("clearing", "trade", "fill", "quota_order")},
            **{t: reading.source(t, run) for t in
               ("dispatch", "dispatch_price", "dispatch_summary")},
        },
    }  # fmt: skip


def _scenarios(reading: Reading, table: str) -> list[str]:
    """Return the plans of a table, the usual one first."""
    rows = reading.rows(
        "SELECT scenario FROM {table} GROUP BY scenario ORDER BY scenario <> 'base', scenario",
        table=table,
    )
    return [r["scenario"] for r in rows]


def _rule(reading: Reading, table: str, plan: str) -> Row:
    """Return what the rule of a plan says."""
    runs = reading.source(table, plan)
    rule_id = next((r.rule_id for r in reading.runs if r.run_id in runs), None)
    rule = reading.first("SELECT toml FROM rule WHERE rule_id = ?", rule_id)
    return tomllib.loads(rule["toml"]) if rule else {}


def _siting(reading: Reading, f: Filter, plan: str) -> Row:
    """Return what is open, who goes where, and how that compares with the proved bound."""
    rule = _rule(reading, "service_summary", plan)
    unit, size = UNITS[rule.get("measure", "distance")]
    places = _places(reading, f, plan)
    far = [r["distance"] / size for r in places if r["distance"] is not None]
    siting = reading.first(
        "SELECT s.*, (SELECT count(*) FROM service_point WHERE scenario = s.scenario)"
        " AS candidates, (SELECT coalesce(sum(weight) FILTER (NOT covered), 0)"
        " FROM service_link WHERE scenario = s.scenario) AS left_out"
        " FROM service_summary s WHERE scenario = ? AND region_id = ?",
        plan, TOTAL,
    )  # fmt: skip
    return {
        "siting": siting,
        "called": _called(reading, siting["reasons"] if siting else []),
        "unit": unit,
        "size": size,
        "radius": rule.get("radius", rule.get("cap")),
        "sites": _sites(reading, f, plan),
        "places": places,
        "shades": shades_of(far),
        "spread": reading.rows(
            "SELECT ceil(distance / {size})::BIGINT AS within, sum(sum(weight)) OVER"
            " (ORDER BY ceil(distance / {size})::BIGINT) AS people FROM service_link{where}"
            " GROUP BY ceil(distance / {size})::BIGINT ORDER BY 1",
            _here(f, plan, "region_id").add("distance IS NOT NULL"), size=size,
        ),
        "areas": reading.rows(
            "SELECT s.*, r.name, r.name_en FROM service_summary s LEFT JOIN region r"
            " USING (region_id){where} ORDER BY s.mean DESC NULLS FIRST, s.region_id",
            _here(f, plan, "s.region_id").add("s.region_id <> ?", TOTAL),
        ),
    }  # fmt: skip


def _called(reading: Reading, reasons: list[Row]) -> dict[str, tuple[str, str | None]]:
    """Return the names, Chinese and English, of places that reasons are about, by id."""
    about = [r["code"].partition("(")[2].removesuffix(")") for r in reasons]
    rows = reading.rows(
        "SELECT place_id, name, name_en FROM place{where}",
        Where().one_of("place_id", about).add("name IS NOT NULL"),
    )
    return {r["place_id"]: (r["name"], r["name_en"]) for r in rows}


def _here(f: Filter, plan: str, column: str) -> Where:
    """Return the rows of a plan in the chosen region."""
    return f.within(Where().add("scenario = ?", plan), column)


def _named(of: str, key: str, before: str = "") -> str:
    """Return the columns of a name in both languages; what has none is called by its id."""
    return (
        f"coalesce({of}.name, {key}) AS {before}name,"
        f" coalesce({of}.name_en, {of}.name, {key}) AS {before}name_en"
    )


def _sites(reading: Reading, f: Filter, plan: str) -> list[Row]:
    """Return the candidates, those that open first."""
    return reading.rows(
        "SELECT s.*, {named}, p.lon, p.lat, l.mean, l.farthest"
        " FROM service_point s LEFT JOIN place p USING (place_id) LEFT JOIN ("
        "  SELECT site_id, max(distance) AS farthest, sum(weight::DOUBLE * distance)"
        "   / nullif(sum(weight) FILTER (distance IS NOT NULL), 0) AS mean"
        "  FROM service_link WHERE scenario = ? GROUP BY site_id) l ON l.site_id = s.place_id"
        "{where} ORDER BY s.open DESC, s.load DESC, s.place_id",
        plan, _here(f, plan, "s.region_id"), named=_named("p", "s.place_id"),
    )  # fmt: skip


def _places(reading: Reading, f: Filter, plan: str) -> list[Row]:
    """Return who goes where: those out of reach first, then the farthest."""
    return reading.rows(
        "SELECT l.*, {named}, p.lon, p.lat, {site}, q.lon AS site_lon, q.lat AS site_lat"
        " FROM service_link l LEFT JOIN place p USING (place_id)"
        " LEFT JOIN place q ON q.place_id = l.site_id"
        "{where} ORDER BY l.covered, l.distance DESC NULLS FIRST, l.place_id",
        _here(f, plan, "l.region_id"),
        named=_named("p", "l.place_id"), site=_named("q", "l.site_id", "site_"),
    )  # fmt: skip


def _exchange(reading: Reading, f: Filter, query: Query, *, whole: bool) -> Row:
    """Return the sessions, and of one its supply and demand, who traded, and what regions gained.

    The curve is drawn of all orders or not at all: a part of them would cross at another price.
    """
    sessions = reading.rows("SELECT * FROM clearing ORDER BY session")
    names = [r["session"] for r in sessions]
    session = query.choice("session", names, names[-1] if names else "")
    clearing = next((r for r in sessions if r["session"] == session), None)
    trades = _either(f, Where().add("session = ?", session), "to_region", "from_region")
    return {
        "sessions": sessions,
        "session": session,
        "clearing": clearing,
        "ladder": reading.rows(
            "SELECT o.side, o.price, sum(CASE (f.reasons[1]).code WHEN 'match.fill_both_sides'"
            " THEN 0 WHEN 'match.fill_limit' THEN f.filled ELSE o.quantity END) AS quantity,"
            " sum(f.filled) AS filled"
            " FROM quota_order o JOIN fill f USING (order_id) WHERE o.session = ?"
            " GROUP BY o.side, o.price"
            " ORDER BY o.side, CASE o.side WHEN 'buy' THEN -o.price ELSE o.price END",
            session,
        ) if whole else [],
        "nets": reading.rows(
            "SELECT t.region_id, r.name, r.name_en, sum(bought) AS bought, sum(sold) AS sold,"
            " sum(bought) - sum(sold) AS net_bought, sum(paid) AS paid, sum(got) AS received FROM ("
            "  SELECT to_region AS region_id, quantity AS bought, 0 AS sold, amount AS paid,"
            "   0 AS got FROM trade WHERE session = ? UNION ALL"
            "  SELECT from_region, 0, quantity, 0, seller_amount FROM trade WHERE session = ?) t"
            " LEFT JOIN region r USING (region_id){where} GROUP BY ALL"
            " ORDER BY net_bought DESC, t.region_id",
            session, session, f.within(Where(), "t.region_id"),
        ),
        "trades": reading.rows("SELECT * FROM trade{where} ORDER BY number", trades),
    }  # fmt: skip


def _either(f: Filter, where: Where, *columns: str) -> Where:
    """Add that one of some columns names a region within the chosen one."""
    inside = f.within(Where(), "region_id")
    if inside.values:
        among = f"IN (SELECT region_id FROM region{inside})"  # noqa: S608 - constants of ours
        where.add(" OR ".join(f"{c} {among}" for c in columns), *inside.values * len(columns))
    return where


def _computing(reading: Reading, f: Filter, run: str) -> Row:
    """Return where and when jobs ran, what that cost, and what other ways would have cost."""
    watts = _rule(reading, "dispatch_summary", run).get("watts", 0)
    computing = reading.first(
        "SELECT s.*, (SELECT sum(p.used * round(? * h.pue)) / 60000 FROM dispatch_price p"
        " JOIN hub h USING (hub_id) WHERE p.scenario = s.scenario) AS kwh"
        " FROM dispatch_summary s WHERE scenario = ? AND region_id = ?",
        watts, run, TOTAL,
    )  # fmt: skip
    if computing:
        computing["tce"] = (computing["kwh"] or 0) * KGCE / 1000
    return {
        "computing": computing,
        "hubs": _hubs(reading, f, run, watts),
        "hours": reading.rows(
            "SELECT p.*, {named}, {used} FROM dispatch_price p"
            " LEFT JOIN hub h USING (hub_id){where} ORDER BY p.hub_id, p.at",
            _here(f, run, "h.region_id").add(
                "p.at > (SELECT max(q.at) FROM dispatch_price q WHERE q.scenario = ?)"
                " - to_hours(CAST(? AS BIGINT))",
                run, HOURS,
            ),
            named=_named("h", "p.hub_id"), used=_USED,
        ),
        "jobs": _jobs(reading, f, run),
        "savings": reading.rows(
            "SELECT s.*, r.name, r.name_en FROM dispatch_summary s LEFT JOIN region r"
            " USING (region_id){where} ORDER BY s.benefit DESC, s.region_id",
            _here(f, run, "s.region_id").add("s.region_id <> ?", TOTAL),
        ),
    }  # fmt: skip


def _hubs(reading: Reading, f: Filter, run: str, watts: int) -> list[Row]:
    """Return what each hub runs, what that costs, and its dearest hour."""
    return reading.rows(
        "SELECT p.hub_id, {named}, h.region_id,"
        " coalesce(d.jobs, 0) AS jobs, p.used, p.capacity, {used}, p.congested, p.price,"
        " p.used * round(? * h.pue) / 60000 AS kwh, d.energy, d.carbon, d.transfer, d.congestion"
        " FROM (SELECT hub_id, sum(used) AS used, sum(capacity) AS capacity, max(price) AS price,"
        "  count(*) FILTER (price > 0) AS congested FROM dispatch_price WHERE scenario = ?"
        "  GROUP BY hub_id) p LEFT JOIN hub h USING (hub_id) LEFT JOIN ("
        "  SELECT hub_id, count(*) AS jobs, sum(energy) AS energy, sum(carbon) AS carbon,"
        "  sum(transfer) AS transfer, sum(congestion) AS congestion FROM dispatch"
        "  WHERE scenario = ? GROUP BY hub_id) d USING (hub_id){where} ORDER BY p.used DESC,"
        " p.hub_id",
        watts, run, run, f.within(Where(), "h.region_id"),
        named=_named("h", "p.hub_id"), used=_USED,
    )  # fmt: skip


def _jobs(reading: Reading, f: Filter, run: str) -> list[Row]:
    """Return the jobs: those not served first, then those in the dearest hours."""
    where = Where().add("d.scenario = ?", run)
    return reading.rows(
        "SELECT d.*, {home}, {hub} FROM dispatch d LEFT JOIN job j USING (job_id)"
        " LEFT JOIN hub a ON a.hub_id = j.home LEFT JOIN hub b ON b.hub_id = d.hub_id"
        "{where} ORDER BY d.unserved DESC, d.congestion DESC, d.job_id",
        _either(f, where, "a.region_id", "b.region_id"),
        home=_named("a", "j.home", "home_"), hub=_named("b", "d.hub_id", "hub_"),
    )  # fmt: skip
