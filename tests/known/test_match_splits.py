"""Planted split applications: how many pairs of parts are found, and whether all found are true."""

from itertools import combinations

from liandong.match import pool
from liandong.world import make
from support.worlds import truths


def test_split_applications_are_found_among_look_alikes():
    tables = make(firms=2_000, months=12, seed=20_261)
    asked = tables["project"]
    day = max(asked["asked_on"].to_pylist())
    rows = pool(asked, tables["party"], tables["edge"], as_of=day)["application"].to_pylist()
    split = [t["detail"]["projects"] for t in truths(tables, "split_application")]
    planted = {pair for parts in split for pair in combinations(sorted(parts), 2)}
    lead = {r["project_id"]: r["lead_id"] for r in rows}
    # Splits and their look-alikes are what was asked for after the ordinary projects.
    first = min(p for parts in split for p in parts)
    later = [p for p in sorted(lead) if p >= first]
    found = {pair for pair in combinations(later, 2) if lead[pair[0]] == lead[pair[1]]}
    assert len(later) > len({p for pair in planted for p in pair}) + 3
    assert found == planted
    needs = {t["subject"]: t["amount"] for t in truths(tables, "split_application")}
    pooled = {r["project_id"]: r["need"] for r in rows}
    # A controller may have asked for something else as well, and never for less.
    assert all(pooled[p] >= amount for p, amount in needs.items())
