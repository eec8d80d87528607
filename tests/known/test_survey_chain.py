"""Chains: worked by hand, published tables, the planted world, and input that is wrong."""

import json
from datetime import date, timedelta
from importlib import import_module

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from liandong.errors import DataError, NotFoundError
from liandong.load import load
from liandong.schema.arrow import build, empty
from liandong.survey import chain, ripple, upstreamness
from liandong.world import make
from support.data import dataset

DAY = date(2025, 12, 31)
INDUSTRY = {"S": "C39", "T": "C39", "M": "B06", "E": "E47", "B": "C36", "C": "C36", "X": None}


def invoices(*rows):
    """Return ``invoice`` of rows (seller, buyer, yuan[, status, days ago])."""
    return build("invoice", {
        "invoice_id": [f"i{n}" for n in range(len(rows))], "seller": [r[0] for r in rows],
        "buyer": [r[1] for r in rows], "net": [r[2] * 100 for r in rows], "tax": [0] * len(rows),
        "date": [DAY - timedelta(days=r[4] if len(r) > 4 else 1) for r in rows],
        "status": [r[3] if len(r) > 3 else "valid" for r in rows],
    })  # fmt: skip


def parties(*names, **regions):
    kinds = {"H": "person", "G": "government"}
    return build("party", {
        "party_id": list(names), "kind": [kinds.get(n, "firm") for n in names],
        "industry": [INDUSTRY.get(n[0]) for n in names],
        "region_id": [regions.get(n, "310000") for n in names],
    })  # fmt: skip


def supplies(*rows):
    """Return ``edge`` of rows (src, dst, yuan or None, valid to)."""
    return build("edge", {
        "src": [r[0] for r in rows], "dst": [r[1] for r in rows], "kind": ["supplies"] * len(rows),
        "valid_from": [date(2020, 1, 1)] * len(rows), "valid_to": [r[3] for r in rows],
        "weight": [None if r[2] is None else r[2] * 100 for r in rows],
    })  # fmt: skip


def needs(*rows):
    """Return ``input_need`` of rows (party, industry, critical, days, replaceable)."""
    names = ("party_id", "industry", "critical", "stock_days", "replaceable")
    return build("input_need", {n: [r[k] for r in rows] for k, n in enumerate(names)})


def closed(*names):
    return build("event", {
        "event_id": list(names), "party_id": list(names), "kind": ["closure"] * len(names),
        "at": [date(2025, 6, 1)] * len(names),
    })  # fmt: skip


def rows(tables, name, **wanted):
    found = tables[name].to_pylist()
    return [r for r in found if all(r[k] == v for k, v in wanted.items())]


def one(tables, name, **wanted):
    (row,) = rows(tables, name, **wanted)
    return row


# S alone supplies B1 to B3 with electronics; C1 has T too. B1 supplies E.
SOLD = invoices(
    ("M", "S", 50), ("S", "B1", 100), ("S", "B2", 100), ("S", "B3", 100), ("S", "C1", 60),
    ("T", "C1", 40), ("B1", "E", 300), ("E", "H", 900), ("B2", "H", 10), ("S", "B2", 7, "void"),
    ("S", "S", 5), ("T", "B1", 9), ("T", "B1", -9, "red"), ("S", "B3", 1000, "valid", 400),
)  # fmt: skip
PARTIES = parties("M", "S", "T", "B1", "B2", "B3", "C1", "E", "H", S="440000", M="150000")
NEEDS = needs(
    ("B1", "C39", True, 10.0, 0), ("B2", "C39", True, 4.5, 500_000), ("B3", "C39", True, 20.0, 0),
    ("C1", "C39", True, 5.0, 0), ("E", "C36", True, 2.0, 0),
)  # fmt: skip


def hand(**rule):
    given = SOLD, empty("edge"), PARTIES, empty("event"), NEEDS
    found = chain(*given, as_of=DAY, **rule)
    return found, ripple(*given, found["chokepoint"], as_of=DAY, **rule)


def test_who_stops_on_which_day():
    tables, after = hand(spare="100%", resupply="10%")
    days = {r["stopped_id"]: r["day"] for r in rows(after, "ripple", party_id="S")}
    # B1: 10 days of stock. E: 2 days more. B3: 20 days. C1 lacks 0.6 a day: 5 days of stock last
    # 8 days, and a third of the ninth. B2 wins back a tenth a day up to a half, but others have
    # 40 to spare of the 50 that are asked for: 1 + .9 + .8 + .7 + .6 = 4 of 4.5, then .6 is more.
    assert days == {"B1": 10, "E": 12, "B3": 20, "C1": 8, "B2": 5}
    because = {r["stopped_id"]: (r["cause_id"], r["industry"]) for r in rows(after, "ripple")}
    assert because["E"] == ("B1", "C36")
    found = one(tables, "chokepoint", party_id="S")
    assert (found["stopped"], found["first_day"], found["sole_buyers"]) == (5, 5, 3)
    assert found["loss"] == sum(r["loss"] for r in rows(after, "ripple", party_id="S"))
    assert found["points"] == sum(r["points"] for r in found["reasons"])
    assert {t["buyer_id"]: t["share"] for t in rows(tables, "chain_tie", party_id="S")} == {
        "B1": 1_000_000, "B2": 1_000_000, "B3": 1_000_000, "C1": 600_000,
    }  # fmt: skip
    # Nobody else mines: after 30 days S stops for want of M, and all others after it.
    ranks = {r["party_id"]: r["rank"] for r in rows(tables, "chokepoint")}
    assert ranks == {"S": 1, "M": 2}
    late = {r["stopped_id"]: r["day"] for r in rows(after, "ripple", party_id="M")}
    assert late == {"S": 30, **{b: 30 + day for b, day in days.items()}}


def test_what_is_replaceable_stops_nobody():
    found, _ = hand(spare="100%", resupply="100%", stopped=1)
    told = chain(SOLD, empty("edge"), PARTIES, empty("event"),
                 needs(*((b, "C39", False, 0.0, 0) for b in ("B1", "B2", "B3", "C1"))), as_of=DAY,
                 critical="100%")  # fmt: skip
    assert rows(found, "chokepoint", party_id="S")
    assert not rows(told, "chokepoint", party_id="S")


def test_places_in_the_network():
    tables, _ = hand()
    s = one(tables, "chain_node", party_id="S")
    assert (s["suppliers"], s["buyers"], s["bought"], s["sold"]) == (1, 4, 5_000, 36_000)
    # Without S, of nine firms in all {M}, {B1, E}, {B2}, {B3} and {C1, T} are left.
    assert s["cut_off"] == 5
    assert s["dominated"] == 2  # all ways to E and B2, who sell to households
    layers = {n["party_id"]: n["layer"] for n in rows(tables, "chain_node")}
    assert layers == {"M": 4, "S": 3, "T": 2, "B1": 2, "B2": 1, "B3": 1, "C1": 1, "E": 1}
    told = {r["measure"]: r["value"] for r in rows(tables, "chain_summary")}
    assert (told["invoices"], told["invoices_void"], told["invoices_own"]) == (13, 1, 1)
    assert (told["pairs_reversed"], told["network_parts"], told["bridges"]) == (1, 1, 7)


def test_what_regions_depend_on():
    tables, _ = hand()
    home = one(tables, "chain_region", region_id="310000")
    assert (home["from_region"], home["from_share"]) == ("440000", 360_000 * 1_000 // 700)
    assert home["own"] == 340_000 * 1_000 // 700
    assert home["sole_inputs"] == 4  # three times S, and B1 for E
    tie = one(tables, "region_tie", region_id="310000", other_id="440000")
    assert (tie["amount"], tie["other_share"], tie["sole_inputs"]) == (36_000, 1_000_000, 3)
    found = one(tables, "region_input", region_id="310000", industry="C39")
    assert (found["supplier_id"], found["supplier_share"]) == ("S", 900_000)
    assert (found["suppliers"], found["hhi"], found["sole_buyers"]) == (2, 820_000, 3)


def test_ties_that_are_recorded_closed_or_apart():
    edges = supplies(
        ("S", "B1", 5, None), ("S", "B9", None, None), ("M", "B8", 7, date(2025, 1, 1)),
        ("X", "B2", 3, None),
    )  # fmt: skip
    tables = chain(
        invoices(("S", "B1", 100), ("T", "C1", 50), ("M", "C9", 9)), edges,
        parties("S", "T", "M", "B1", "B2", "C1", "C9", "X"), closed("C9"), empty("input_need"),
        as_of=DAY,
    )  # fmt: skip
    told = {r["measure"]: r["value"] for r in rows(tables, "chain_summary")}
    assert {n: told[n] for n in (
        "ties", "ties_recorded", "ties_without_amount", "ties_closed", "firms_unknown",
        "firms_without_industry", "network_parts", "largest_part",
    )} == {
        "ties": 4, "ties_recorded": 2, "ties_without_amount": 1, "ties_closed": 1,
        "firms_unknown": 1, "firms_without_industry": 2, "network_parts": 3, "largest_part": 3,
    }  # fmt: skip
    # An invoice says more than a record; who has no industry serves no need that can be compared.
    assert one(tables, "chain_node", party_id="S")["sold"] == 10_000
    assert one(tables, "chain_node", party_id="B2")["sole_inputs"] == 0


def test_wrong_calls():
    given = SOLD, empty("edge"), PARTIES, empty("event"), NEEDS, empty("chokepoint")
    with pytest.raises(NotFoundError, match="nobody"):
        ripple(*given, as_of=DAY, firms=("nobody",))
    mixed = table_of(("A", "f", 1.0)).to_pylist()
    mixed[0]["unit"] = "t"
    with pytest.raises(DataError, match="several units"):
        upstreamness(pa.Table.from_pylist(mixed, table_of(("A", "f", 1.0)).schema), as_of=DAY)


def test_the_world_has_its_chokepoints_found():
    world = make(firms=4_000, months=14, seed=5)
    day = max(world["project"]["asked_on"].to_pylist())
    given = [world[n] for n in ("invoice", "edge", "party", "event", "input_need")]
    found = {r["party_id"] for r in rows(chain(*given, as_of=day), "chokepoint")}
    truth = world["truth"].to_pylist()
    planted = {t["subject"] for t in truth if t["kind"] == "chokepoint"}
    decoys = {t["subject"]: json.loads(t["detail"])["why"] for t in truth
              if t["kind"] == "chain_decoy"}  # fmt: skip
    assert len(found & planted) >= 0.95 * len(planted)
    assert len(found & planted) >= 0.9 * len(found)
    assert set(decoys.values()) == {"substitutes", "large", "articulation"}
    assert not found & decoys.keys()


# --- input–output tables ----------------------------------------------------------------------


def table_of(*cells, unit="m"):
    """Return ``input_output`` of cells (seller, use, value): lower-case uses are final."""
    found = [(r[0], r[1], r[2], "output" if r[1] == "GO" else "inter" if r[1].isupper() else
              "final") for r in cells]  # fmt: skip
    found.append(("Z", "f", 1.0, "final"))
    return build("input_output", {
        "cell": [r[3] for r in found], "from_region": ["R"] * len(found),
        "from_industry": [r[0] for r in found], "to_region": ["R"] * len(found),
        "to_use": [r[1] for r in found], "period": ["1"] * len(found),
        "vintage": ["v"] * len(found), "value": [r[2] for r in found],
        "unit": [unit] * len(found),
    })  # fmt: skip


def test_a_chain_of_n_is_n_to_1_stages_long():
    cells = table_of(("A", "B", 4.0), ("B", "C", 4.0), ("C", "D", 4.0), ("D", "f", 4.0))
    stages = {r["industry"]: r for r in rows(upstreamness(cells, as_of=DAY), "upstreamness")}
    assert {n: r["upstreamness"] for n, r in stages.items()} == {
        "A": 4, "B": 3, "C": 2, "D": 1, "Z": 1,
    }  # fmt: skip
    assert [stages[n]["downstreamness"] for n in "ABCD"] == [1, 2, 3, 4]
    assert [stages[n]["extraction"] for n in "ABCD"] == [4, 8, 12, 16]


def test_the_order_of_cells_changes_nothing():
    rng, names = np.random.default_rng(1), "ABCDEF"
    sold = [(a, b, float(v)) for a in names for b, v in zip(names, rng.random(6), strict=True)]
    cells = table_of(*sold, *((a, "f", 1 + float(rng.random())) for a in names))
    mixed = cells.take(rng.permutation(len(cells)))
    assert upstreamness(cells, as_of=DAY) == upstreamness(mixed, as_of=DAY)


def test_balance_and_a_table_that_cannot_be():
    cells = table_of(("A", "B", 4.0), ("B", "f", 9.0), ("B", "GO", 10.0), ("C", "GO", 0.0))
    found = upstreamness(cells, as_of=DAY)
    told = {r["industry"]: (r["output"], r["imbalance"]) for r in rows(found, "upstreamness")}
    assert told == {"A": (4, None), "B": (10, -1), "C": (0, 0), "Z": (1, None)}
    assert one(found, "upstreamness", industry="C")["upstreamness"] is None
    wants = upstreamness(table_of(("A", "A", 5.0), ("A", "GO", 4.0)), as_of=DAY)
    assert all(r["leontief"] is None for r in rows(wants, "upstreamness"))


def test_sectors_of_too_many_trades_have_no_figures(monkeypatch):
    monkeypatch.setattr(import_module("liandong.survey.chain.stages"), "MOST", 1)
    found = upstreamness(
        empty("input_output"), SOLD, empty("edge"), PARTIES, empty("event"), as_of=DAY
    )["upstreamness"].to_pylist()
    assert sum(r["output"] for r in found) > 0
    assert {r["upstreamness"] for r in found if r["region_id"] != "100000"} == {None}


def test_wiod_2011():
    folder = dataset("input_output") / "wiod2011"
    loaded = load("wiod", folder)
    assert len(loaded.errors) == 0
    cells = loaded.tables["input_output"]
    found = upstreamness(cells, as_of=DAY)["upstreamness"].to_pylist()
    assert sum(r["output"] for r in found) == 141_767_904
    assert max(abs(r["imbalance"]) for r in found) == 108
    totals = cells.group_by("cell").aggregate([("value", "sum")]).to_pylist()
    assert {r["cell"]: r["value_sum"] for r in totals} == {
        "inter": 72_440_092, "final": 69_268_600, "added": 69_327_812, "output": 141_767_904,
    }  # fmt: skip
    china = [r["leontief"] for r in found if r["region_id"] == "CHN"]
    # The two sectors that China leaves empty need nothing: their multiplier is 1.
    assert sum(1.0 if v is None else v for v in china) / 35 == pytest.approx(2.6532, abs=5e-5)
    final, made = (
        np.column_stack([c.to_numpy() for c in pq.read_table(folder / "final.parquet").columns]),
        np.array([r["output"] for r in sorted(found, key=lambda r: (r["region_id"],
                                                                    r["industry"]))]),
    )  # fmt: skip
    # Demand times multipliers is the output that it calls for.
    names = [(r["region_id"], r["industry"]) for r in found]
    lands, trades = ((folder / f"{n}.csv").read_text().split()[1:] for n in
                     ("countries", "industries"))  # fmt: skip
    demand = dict(zip([(a, b) for a in lands for b in trades], final.sum(axis=1), strict=True))
    called = sum(demand[n] * r["leontief"] for n, r in zip(names, found, strict=True)
                 if r["leontief"] is not None)  # fmt: skip
    assert called / made.sum() == pytest.approx(0.9991, abs=5e-5)


def test_national_tables_of_china():
    loaded = load("china_io", dataset("input_output") / "china_national")
    assert len(loaded.errors) == 0
    found = upstreamness(loaded.tables["input_output"], as_of=DAY)["upstreamness"].to_pylist()
    years = {y: [r for r in found if r["period"] == y] for y in ("2007", "2012", "2017", "2020")}
    assert [len(v) for v in years.values()] == [135, 139, 149, 153]
    assert max(abs(r["imbalance"]) / r["output"] for r in found) < 1e-12
    for rows_of in years.values():
        # Where imports are taken out, less is set going at home.
        assert all(r["downstreamness"] <= r["leontief"] + 1e-9 for r in rows_of)
        assert min(r["upstreamness"] for r in rows_of) >= 1
    assert len(loaded.tables["sector_name"]) == 576


NATIONAL = """Code,Description,DescriptionInChinese,001,002,TIU,FU101,EX,TFU,IM,GO
001,Farms,农业,1,x,3,5,1,6,2,7
002,Mills,制造,-4,2,-2,3,0,3,0,5
TII,Inputs,中间投入,-3,,,,,,,
VA001,Wages,报酬,10,3,,,,,,
"""


def test_cells_nobody_can_use_are_named(tmp_path):
    (tmp_path / "china_2020_2.csv").write_text(NATIONAL, "utf-8")
    loaded = load("china_io", tmp_path / "china_2020_2.csv")
    assert [(e["row"], e["field"], e["code"]) for e in loaded.errors.to_pylist()] == [
        (2, "002", "missing"), (3, "001", "negative_input"),
    ]  # fmt: skip
    kept = {(r["from_industry"], r["to_use"]): (r["cell"], r["value"])
            for r in loaded.tables["input_output"].to_pylist()}  # fmt: skip
    assert kept["001", "IM"] == ("imported", 2)
    assert kept["VA001", "001"] == ("added", 10)
    assert ("002", "001") not in kept
    (tmp_path / "china_2020_2.csv").write_text(NATIONAL.replace("x", "9").replace("-4", "4"))
    (note, *_) = load("china_io", tmp_path / "china_2020_2.csv").errors.to_pylist()
    assert (note["field"], note["code"]) == ("TIU", "total_differs")


def test_matrices_that_do_not_fit_are_refused(tmp_path):
    for name, body in (("countries", "c\nA\n"), ("industries", "i\nc1\n"), ("output", "o\n1\n")):
        (tmp_path / f"{name}.csv").write_text(body)
    pq.write_table(pa.table({"V1": [1]}), tmp_path / "inter.parquet")
    pq.write_table(pa.table({"V1": [1]}), tmp_path / "final.parquet")
    with pytest.raises(DataError, match="1 × 5"):
        load("wiod", tmp_path)
