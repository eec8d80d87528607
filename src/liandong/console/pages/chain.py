"""The industry chain: upstream to downstream, its chokepoints, and what regions depend on."""

from typing import Any

from liandong.console import chaining
from liandong.console.filters import Filter
from liandong.console.links import missing
from liandong.console.query import Query
from liandong.console.reading import Reading

BLOCKS = (
    "chokepoints", "ties", "ripple", "suppliers", "buyers", "neighbours", "regions", "matrix",
    "inputs", "stages", "flows", "upstreamness", "summary",
)  # fmt: skip
"""Lists that may be had as files."""
_TABLES = (
    "chain_summary", "chain_node", "chokepoint", "chain_tie", "ripple", "chain_region",
    "region_tie", "region_input", "upstreamness",
)  # fmt: skip


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the chain of the newest day, and one firm of it.

    Raises
    ------
    NotFoundError
        If the firm that is asked for has no place in the chain.
    """
    f = Filter.of(query)
    day = f.latest(reading, "chain_node")
    found: dict[str, Any] = {
        "as_of": day, "firm": None, "choke": None, **{b: [] for b in BLOCKS},
        **chaining.tables(reading, query), "sources": {},
    }  # fmt: skip
    if day is None:
        return found
    held = chaining.chokepoints(reading, f, day, query.upto(chaining.SHOWN))
    wanted = query.text("firm") or next((k["party_id"] for k in held), "")
    one = chaining.node(reading, wanted, day, query.upto(chaining.SHOWN)) if wanted else {}
    if wanted and one["firm"] is None:
        raise missing("chain_node", wanted, "/chain")
    return {
        **found, **one,
        **chaining.industries(reading, f, day, query.upto(chaining.FLOWS)),
        **chaining.regions(reading, f, day),
        "chokepoints": held,
        "summary": chaining.summary(reading, day),
        "sources": {t: reading.source(t, day) for t in _TABLES},
    }  # fmt: skip
