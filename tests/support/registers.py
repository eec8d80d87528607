"""Firms of a world, some of them recorded twice."""

import random

import liandong.world
from liandong.schema.arrow import build


def doubled(firms=800, again=60):
    """Return firms, some of them once more as another register writes them, and the pairs."""
    rows = [r for r in liandong.world.make(firms=firms, months=12, seed=7)["party"].to_pylist()
            if r["kind"] == "firm"]  # fmt: skip
    draw = random.Random(3)
    copies = []
    for row in draw.sample(rows, again):
        name = row["name"]
        if draw.random() < 0.5:
            name = name.replace("有限公司", "有限责任公司")
        if draw.random() < 0.3:
            name = f"{name[2:4]}{name[4:].replace('有限', f'（{name[:2]}）有限', 1)}"
        known = {"party_id": f"X{row['party_id']}", "name": name}
        if draw.random() < 0.5:
            known["credit_code"] = None
        copies.append({**row, **known})
    every = rows + copies
    return build("party", {c: [r[c] for r in every] for c in rows[0]}), {
        (c["party_id"][1:], c["party_id"]) for c in copies
    }
