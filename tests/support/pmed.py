"""The p-median instances of the OR-Library as tables."""

import csv
from pathlib import Path

import numpy as np
import pyarrow as pa

from liandong.schema.arrow import build
from liandong.testing.pmed import read_legs


def optima(folder: Path) -> list[dict[str, str]]:
    """Instances with their published optima."""
    with (folder / "optima.csv").open() as file:
        return list(csv.DictReader(file))


def tables(folder: Path, name: str) -> tuple[dict[str, pa.Table], int]:
    """Places of one person each and the legs between them, and how many sites open."""
    places, sites, legs = read_legs(folder / f"{name}.txt")
    ids = [f"n{i:04d}" for i in range(1, places + 1)]
    place = build("place", {
        "place_id": ids, "weight": np.ones(places, np.int64), "candidate": [True] * places,
    })  # fmt: skip
    travel = build("travel", {
        "src": [ids[a] for a, _ in legs], "dst": [ids[b] for _, b in legs],
        "distance": list(legs.values()),
    })  # fmt: skip
    return {"place": place, "travel": travel}, sites
