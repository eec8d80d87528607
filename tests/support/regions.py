"""Regional panels in tests: the states of the United States, and statistics row by row."""

import csv

import numpy as np

from liandong.schema.arrow import build
from support.data import dataset


def us_states():
    """Return income a head 1929-2009 of 48 states, shape (48, 81), and pairs of neighbours."""
    folder = dataset("regional_inequality") / "pysal" / "us_income"
    with (folder / "usjoin.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    income = np.array([[float(r[str(y)]) for y in range(1929, 2010)] for r in rows])
    lines = (folder / "states48.gal").read_text().splitlines()[1:]
    pairs = [(int(head.split()[0]), int(other)) for head, others in zip(*[iter(lines)] * 2,
             strict=True) for other in others.split()]  # fmt: skip
    one, other = np.array(pairs).T
    return income, (one, other)


def region_stat(*rows):
    """Return statistics of (region, period, measure, vintage, value, unit)."""
    names = ("region_id", "period", "measure", "vintage", "value", "unit")
    columns = {n: [r[i] for r in rows] for i, n in enumerate(names)}
    return build("region_stat", {**columns, "source": ["test"] * len(rows)})


def heads(values, vintage="v"):
    """Return statistics of income a head by (region, period), each region with one inhabitant."""
    return region_stat(*(
        (region, period, measure, vintage, value if measure == "gdp" else 1.0, measure)
        for (region, period), value in values.items() for measure in ("gdp", "population")
    ))  # fmt: skip


def region(*rows):
    """Return regions of (id, level, belt)."""
    return build("region", {
        "region_id": [r[0] for r in rows], "name": [r[0] for r in rows],
        "level": [r[1] for r in rows], "belt": [r[2] for r in rows],
    })  # fmt: skip
