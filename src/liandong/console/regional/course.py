"""The course of regions: output per head against all regions of the level, and its rank."""

from liandong.console.reading import Reading, Row

YEARS = 21
"""Periods shown at most: the newest and the twenty before it."""
MOVERS = 3
"""Regions named that rose most, and as many that fell most."""
PEERS = 2
"""Regions shown above and below in rank."""

# Statistics of today's regions where they have been aligned, or else as they were told. A period
# is compared in one vintage: that which most regions of the level have, and of these the one that
# has most periods, so that a course changes its vintage as seldom as can be.
_COURSE = """
WITH stat AS (
  SELECT region_id, period, measure, vintage, value, unit FROM aligned_stat
  UNION ALL SELECT region_id, period, measure, vintage, value, unit FROM region_stat
  WHERE NOT EXISTS (SELECT 1 FROM aligned_stat)),
plain AS (
  SELECT * EXCLUDE (value), value * CASE
    WHEN unit IN ('100 million yuan', '亿元') THEN 1e8
    WHEN unit IN ('10,000 people', '10,000 yuan', '万人', '万元') THEN 1e4 ELSE 1 END AS value
  FROM stat WHERE measure IN ('gdp', 'population')),
pair AS (
  SELECT g.region_id, r.level, g.period, g.vintage, p.vintage AS people_vintage,
    g.value AS gdp, p.value AS people
  FROM plain g JOIN plain p USING (region_id, period) JOIN region r USING (region_id)
  WHERE g.measure = 'gdp' AND p.measure = 'population' AND p.value > 0
  QUALIFY row_number() OVER (PARTITION BY g.region_id, g.period, g.vintage
    ORDER BY p.vintage = g.vintage DESC, p.vintage DESC) = 1),
ranked AS (
  SELECT *, 100 * gdp / people AS per_head,
    (gdp / people) / (sum(gdp) OVER v / sum(people) OVER v) AS ratio,
    rank() OVER (PARTITION BY level, period, vintage ORDER BY gdp / people DESC) AS rank,
    count(*) OVER v AS among, count(*) OVER (PARTITION BY level, vintage) AS spread
  FROM pair WINDOW v AS (PARTITION BY level, period, vintage))
SELECT region_id, level, period, vintage, people_vintage, per_head, ratio, rank, among,
  min(rank) OVER w AS rank_low, max(rank) OVER w AS rank_high,
  (among, spread, vintage) = max((among, spread, vintage)) OVER (PARTITION BY level, period)
    AS chosen
FROM ranked WINDOW w AS (PARTITION BY region_id, period)
"""


def keep(reading: Reading) -> None:
    """Hold ``region_course``: the course of all regions in every vintage."""
    reading.keep("region_course", _COURSE)


def course(reading: Reading, adcode: str) -> list[Row]:
    """Return the periods of a region, oldest first, each in the vintage that most regions have.

    ``per_head`` in fen, ``ratio`` to all regions of its level together, ``rank`` ``among`` so many;
    ``rank_low`` to ``rank_high`` over all vintages of the period.
    """
    keep(reading)
    rows = reading.rows(
        "SELECT region_id, period, vintage, people_vintage, round(per_head)::BIGINT AS per_head,"
        " ratio, rank, among, rank_low, rank_high FROM region_course"
        " WHERE region_id = ? AND chosen ORDER BY period DESC LIMIT ?",
        adcode, YEARS,
    )  # fmt: skip
    return rows[::-1]


def movers(reading: Reading, level: str, periods: list[Row]) -> list[Row]:
    """Return the regions of a level that rose and fell most between two periods of a course."""
    if len(periods) < 2:
        return []
    first, last = periods[0]["period"], periods[-1]["period"]
    rows = reading.rows(
        "SELECT b.region_id, b.period AS first, n.period AS last, b.vintage AS first_vintage,"
        " n.vintage AS last_vintage, b.rank AS rank_then, n.rank AS rank_now,"
        " b.rank - n.rank AS moved FROM region_course b JOIN region_course n USING (region_id)"
        " WHERE b.level = ? AND b.period = ? AND n.period = ? AND b.chosen AND n.chosen"
        " AND b.rank <> n.rank ORDER BY moved DESC, region_id",
        level, first, last,
    )  # fmt: skip
    up = [r for r in rows if r["moved"] > 0][:MOVERS]
    return up + [r for r in rows if r["moved"] < 0][-MOVERS:]


def peers(reading: Reading, level: str, periods: list[Row]) -> list[Row]:
    """Return the regions next to the newest rank of a course, with its own row."""
    if not periods:
        return []
    now = periods[-1]
    return reading.rows(
        "SELECT region_id, period, vintage, round(per_head)::BIGINT AS per_head, ratio, rank,"
        " among, rank_low, rank_high FROM region_course WHERE level = ? AND period = ? AND chosen"
        " AND rank BETWEEN ? AND ? ORDER BY rank, region_id LIMIT ?",
        level, now["period"], now["rank"] - PEERS, now["rank"] + PEERS, 4 * PEERS + 1,
    )  # fmt: skip


def gaps(reading: Reading) -> list[Row]:
    """Return the newest indices of output per head over all regions: Theil's T and its parts."""
    reading.keep(
        "of_gaps",
        "SELECT * FROM gap WHERE measure = 'gdp_per_population' AND index = 'theil_t'"
        " AND part IN ('total', 'between', 'within') AND (period, vintage) ="
        " (SELECT max((period, vintage)) FROM gap WHERE measure = 'gdp_per_population')",
    )
    return reading.rows(
        "SELECT * FROM of_gaps ORDER BY list_position(['total', 'between', 'within'], part)"
    )


def convergence(reading: Reading) -> list[Row]:
    """Return whether regions draw nearer: the newest rows of output per head."""
    reading.keep(
        "of_convergence",
        "SELECT * FROM convergence WHERE measure = 'gdp_per_population' AND vintage ="
        " (SELECT max(vintage) FROM convergence WHERE measure = 'gdp_per_population')",
    )
    return reading.rows("SELECT * FROM of_convergence ORDER BY kind")
