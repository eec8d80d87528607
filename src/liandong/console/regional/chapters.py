"""What a region makes, needs, reaches, is lent, and with whom it could work: the blocks 3 to 7.

Each chapter is one SELECT over all regions, held in memory for the state of the board, so that a
page of a region costs no reading of files. Rows carry the key of their table, by which each number
leads to its row; ``line`` is their order.
"""

from liandong.console.reading import Reading, Row

MONEY = (
    "firms", "borrowers", "covered", "loans", "lent", "balance", "price", "expected_loss_rate",
    "provision", "defaulted", "default_share", "micro_share", "idle", "idle_share",
    "stays", "goes_out", "comes_in", "guarantees_given", "alerts_red", "alerts_orange",
)  # fmt: skip
"""Measures of money on the page, in this order; the block as a file holds all there are."""

_PLACES = """
SELECT *, row_number() OVER (PARTITION BY region_id ORDER BY kind, place) AS line FROM {table}
QUALIFY dense_rank() OVER (PARTITION BY kind ORDER BY period DESC, vintage DESC) = 1 AND place <= 3
"""
_CHAPTERS = {
    # The structure and complexity of each kind of output in its newest panel.
    "makes": """
SELECT s.*, c.eci, c.rank, c.rank_low, c.rank_high, c.diversity,
  row_number() OVER (PARTITION BY region_id ORDER BY kind) AS line
FROM structure s LEFT JOIN complexity c USING (kind, period, vintage, region_id)
QUALIFY dense_rank() OVER (PARTITION BY kind ORDER BY period DESC, vintage DESC) = 1
""",
    # The items that are nearest to what a region makes, and the regions that complement it best.
    "could": _PLACES.format(table="opportunity"),
    "partners": _PLACES.format(table="partner"),
    # Ranks with their intervals: complexity by kind, and coordination.
    "standings": """
SELECT *, row_number() OVER (PARTITION BY region_id ORDER BY source, kind) AS line FROM (
SELECT 'complexity' AS source, kind, period, vintage, region_id, eci AS value, rank, rank_low,
  rank_high FROM complexity
QUALIFY dense_rank() OVER (PARTITION BY kind ORDER BY period DESC, vintage DESC) = 1
UNION ALL SELECT 'coupling', '', period, vintage, region_id, degree, rank, rank_low, rank_high
FROM coupling QUALIFY dense_rank() OVER (ORDER BY period DESC) = 1) WHERE rank IS NOT NULL
""",
    "chain": """
SELECT *, 1 AS line FROM chain_region
QUALIFY row_number() OVER (PARTITION BY region_id ORDER BY as_of DESC) = 1
""",
    # The inputs that most firms of a region get from one source alone, then the largest.
    "inputs": """
SELECT *, row_number() OVER (PARTITION BY region_id
  ORDER BY sole_buyers DESC, amount DESC, industry) AS line FROM region_input
WHERE as_of = (SELECT max(as_of) FROM region_input) QUALIFY line <= 3
""",
    "reach": """
SELECT * REPLACE (origin_id AS region_id),
  row_number() OVER (PARTITION BY origin_id ORDER BY network, within) AS line
FROM reach WHERE level = 'region'
""",
    "served": """
SELECT *, row_number() OVER (PARTITION BY region_id ORDER BY scenario) AS line
FROM service_summary QUALIFY line <= 3
""",
    # All measures of money of the newest day, those of the page first.
    "money": f"""
SELECT *, row_number() OVER (PARTITION BY region_id
  ORDER BY list_position({list(MONEY)}, measure) NULLS LAST, measure) AS line
FROM region_money WHERE industry = '*' AND as_of = (SELECT max(as_of) FROM region_money)
""",  # noqa: S608 - names of ours
    # What was lent to each section of industry, at what price and expected loss.
    "sectors": """
SELECT *, row_number() OVER (PARTITION BY region_id ORDER BY lent DESC, industry) AS line FROM (
SELECT region_id, industry, as_of, max(value) FILTER (measure = 'loans') AS loans,
  max(value) FILTER (measure = 'lent') AS lent, max(value) FILTER (measure = 'price') AS price,
  max(value) FILTER (measure = 'expected_loss_rate') AS loss FROM region_money
WHERE industry <> '*' AND as_of = (SELECT max(as_of) FROM region_money) GROUP BY ALL) WHERE lent > 0
""",
    # The shares that are proposed to a region in cooperations.
    "cooperations": """
SELECT *, party_id AS region_id,
  row_number() OVER (PARTITION BY party_id ORDER BY game, way) AS line
FROM cooperation QUALIFY line <= 6
""",
}


def chapters(reading: Reading, adcode: str) -> dict[str, list[Row]]:
    """Return the rows of every chapter about one region."""
    found: dict[str, list[Row]] = {}
    for name, sql in _CHAPTERS.items():
        reading.keep(f"of_{name}", sql)
        found[name] = reading.rows(
            "SELECT * EXCLUDE (line) FROM of_{name} WHERE region_id = ? ORDER BY line",
            adcode, name=name,
        )  # fmt: skip
    return found


def chokepoints(reading: Reading, adcode: str, prefix: str) -> list[Row]:
    """Return the gravest chokepoints in a region, and of the firms that its firms depend on."""
    reading.keep(
        "of_chokepoints",
        "SELECT c.*, p.name, p.name_en, p.region_id FROM chokepoint c JOIN party p USING (party_id)"
        " WHERE c.as_of = (SELECT max(as_of) FROM chokepoint)",
    )
    return reading.rows(
        "SELECT * FROM of_chokepoints WHERE starts_with(region_id, ?) OR party_id IN"
        " (SELECT supplier_id FROM of_inputs WHERE region_id = ?) ORDER BY rank LIMIT 3",
        prefix, adcode,
    )  # fmt: skip
