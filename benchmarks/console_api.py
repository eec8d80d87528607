"""The API under load: 64 clients that ask for a mix of what programs ask for, without a pause.

A service runs as a user runs it (``liandong serve``), in a process of its own; the clients share
another one, so that both have the processors of this machine. What is answered is held against the
board. The mix, of 100 requests: 40 newest scores and 30 parties of random firms, 14 pages of 50
after a random firm, 8 lists of 50 firms of a region, 7 whose answer is known already (``304``), 1
why.
"""

import json
import random
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, urlencode

import console_load
import liandong as ld
from liandong.console.query import Query
from liandong.schema.tables import table
from liandong.service.v1.asked import Asked
from measure import figures

WORKERS = 2
SERVED = ("--actor", "bench", "serve", "--workers", str(WORKERS))
"""What serves it."""
MIX = "40 scores, 30 parties, 14 lists, 8 filtered, 7 known, 1 why of 100"


def api(location: str | Path, port: int, seconds: int) -> dict[str, object]:
    """Return the figures of a board that has parties and scores, and is served at a port."""
    command = [sys.executable, console_load.__file__, str(port), str(seconds)]
    paths = json.dumps(_paths(location))
    done = subprocess.run(command, input=paths, capture_output=True, check=True, text=True)
    found, right = json.loads(done.stdout), _right(location, port)
    return figures("api", {**found, "mix": MIX, "workers": WORKERS, "right": right})


def _paths(location: str | Path) -> list[str]:
    """Return addresses in the order in which they are asked for."""
    rng = random.Random(1)  # noqa: S311 - the same addresses each time
    with ld.open(location, create=False) as board:
        firms = board.sql("SELECT party_id, region_id FROM party WHERE kind = 'firm'").to_pydict()
        scores = board.sql(
            "SELECT party_id, max(as_of) AS as_of, max(rule_id) AS rule_id FROM score GROUP BY 1"
        ).to_pylist()
    ids, regions = firms["party_id"], sorted({*firms["region_id"]})
    lists = "/v1/tables/party?limit=50"
    page = Asked.of(table("party"), Query())

    def one(kind: int) -> str:
        if kind < 40 and scores:
            return f"/v1/scores/{quote(rng.choice(scores)['party_id'], safe='')}"
        if kind < 70:
            return f"/v1/parties/{quote(rng.choice(ids), safe='')}"
        if kind < 84:
            return f"{lists}&cursor={page.cursor({'party_id': rng.choice(ids)})}"
        if kind < 92:
            return f"{lists}&f.region_id={rng.choice(regions)}"
        if kind < 99 or not scores:
            return lists
        key = {k: str(v) for k, v in rng.choice(scores).items()}
        return f"/v1/tables/score/row/why?{urlencode(key)}"

    kinds = [k for _ in range(100) for k in rng.sample(range(100), 100)]
    return [one(k) for k in kinds]


def _right(location: str | Path, port: int) -> bool:
    """Tell whether some answers are the rows of the board."""
    import urllib.request

    with ld.open(location, create=False) as board:
        rows = board.sql("SELECT party_id, name FROM party ORDER BY party_id LIMIT 50").to_pylist()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/tables/party?limit=50") as answer:
        told = json.load(answer)["rows"]
    return [{n: r[n] for n in ("party_id", "name")} for r in told] == rows
