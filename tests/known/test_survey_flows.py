"""Flows between regions and what holds them back: counted by hand, closed forms, planted truth."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from liandong import survey
from liandong.errors import DataError
from liandong.kernels.places.flows import independent, ppml, separated
from liandong.schema.arrow import build, empty
from liandong.schema.provinces import PROVINCES
from liandong.world.exchanges import PULLS
from support.worlds import small_world


def party(**regions):
    return build("party", {"party_id": list(regions), "kind": ["firm"] * len(regions),
                           "region_id": list(regions.values())})  # fmt: skip


def accounts(*rows):
    names = ("account_id", "party_id", "currency")
    return build("bank_account", {
        **{n: [r[i] for r in rows] for i, n in enumerate(names)},
        "kind": ["current"] * len(rows), "opening_balance": [0] * len(rows),
    })  # fmt: skip


def transfers(*rows):
    names = ("src_account", "dst_account", "amount", "kind", "at")
    return build("flow", {
        "flow_id": [str(i) for i in range(len(rows))], "seq": list(range(len(rows))),
        **{n: [r[i] for r in rows] for i, n in enumerate(names)},
    })  # fmt: skip


def movements(*rows):
    names = ("from_region", "to_region", "value", "kind", "unit")
    return build("movement", {
        **{n: [r[i] for r in rows] for i, n in enumerate(names)}, "period": ["2023"] * len(rows)
    })  # fmt: skip


def test_every_transfer_is_placed_or_named():
    evening = datetime(2023, 12, 31, 17, tzinfo=UTC)  # in China the next year has begun
    noon = datetime(2023, 6, 1, 4, tzinfo=UTC)
    flow = transfers(
        ("a", "b", 100, "transfer", noon), ("a", "a2", 7, "transfer", noon),
        ("a", "b", 50, "transfer", evening), ("b", "b3", 30, "transfer", noon),
        ("a", "b", 5, "wage", noon), ("a", "?", 1, "transfer", noon),
        ("u", "a", 2, "transfer", noon), ("a", "n", 4, "transfer", noon),
        ("n2", "a", 8, "transfer", noon), ("x", "a", 16, "transfer", noon),
    )  # fmt: skip
    owners = accounts(
        ("a", "A", None), ("a2", "A", None), ("b", "B", "CNY"), ("b3", "C", None),
        ("u", "C", "USD"), ("n", "N", None), ("n2", "NOBODY", None), ("x", "X", None),
    )  # fmt: skip
    people = party(A="310115", B="330100", C="330000", N=None, X="999999")
    found = survey.flows(flow, owners, people)
    held = {(r["period"], r["from_region"], r["to_region"]): (r["amount"], r["count"])
            for r in found["factor_flow"].to_pylist()}  # fmt: skip
    assert held == {
        ("2023", "310000", "330000"): (100, 1), ("2024", "310000", "330000"): (50, 1),
        ("2023", "330000", "330000"): (30, 1),
    }  # fmt: skip
    lost = {(r["cause"], r["subject"]): r["amount"] for r in found["flow_unmatched"].to_pylist()}
    assert lost == {
        ("no_account", "*"): 1, ("currency", "*"): 2, ("no_region", "*"): 4, ("no_party", "*"): 8,
        ("unknown_region", "990000"): 16,
    }  # fmt: skip


def test_goods_go_by_invoices_and_red_ones_take_back():
    rows = [("1", "A", "B", 100, "valid"), ("2", "A", "B", -30, "red"), ("3", "A", "B", 9, "void")]
    invoice = build("invoice", {
        **{n: [r[i] for r in rows]
           for i, n in enumerate(("invoice_id", "seller", "buyer", "net", "status"))},
        "tax": [0] * 3, "date": [date(2024, 2, 1)] * 3,
    })  # fmt: skip
    people = party(A="310115", B="330100")
    found = survey.flows(empty("flow"), empty("bank_account"), people, invoice, period="month",
                         level="city")["factor_flow"].to_pylist()  # fmt: skip
    assert found == []  # no city is known without the table region
    (row,) = survey.flows(empty("flow"), empty("bank_account"), people, invoice, period="month")[
        "factor_flow"
    ].to_pylist()
    assert (row["kind"], row["period"], row["amount"], row["count"], row["unit"]) == (
        "goods", "2024-02", 70, 2, "CNY"
    )  # fmt: skip


def test_movements_are_added_up_and_their_units_held_together():
    none = [empty(n) for n in ("flow", "bank_account", "party", "invoice")]
    told = movements(("310115", "330100", 2.0, "people", "p"), ("310000", "330000", 3.0, "people",
                     "p"), ("310000", "990000", 1.0, "people", "p"))  # fmt: skip
    found = survey.flows(*none, told)
    (row,) = found["factor_flow"].to_pylist()
    assert (row["value"], row["unit"], row["count"]) == (5.0, "p", 2)
    (lost,) = found["flow_unmatched"].to_pylist()
    assert (lost["cause"], lost["subject"], lost["count"]) == ("unknown_region", "990000", 1)
    odd = movements(("310000", "330000", 2.0, "people", "p"), ("330000", "310000", 3.0, "people",
                    "q"))  # fmt: skip
    with pytest.raises(DataError, match="units: p, q"):
        survey.flows(*none, odd)
    with pytest.raises(DataError, match="movements of capital"):
        survey.flows(*none, movements(("310000", "330000", 2.0, "capital", "CNY")))


def design(n, distance, *more):
    i, j = np.divmod(np.arange(n * n), n)
    return np.column_stack([np.eye(n)[i], np.eye(n)[j], distance, *more])


def test_the_equations_of_a_fit_hold_and_elasticities_come_back():
    n, rng = 12, np.random.default_rng(4)
    i, j = np.divmod(np.arange(n * n), n)
    distance, cross = rng.uniform(3, 8, n * n), (i != j) * 1.0
    x = design(n, distance, cross)
    effects = rng.normal(0, 1, 2 * n)
    mean = np.exp(5 + x[:, : 2 * n] @ effects - 0.9 * distance - 0.6 * cross)
    exact = ppml(x, mean)
    assert exact.settled
    assert exact.coefficient[-2:] == pytest.approx([-0.9, -0.6], abs=1e-9)
    flow = rng.poisson(mean).astype(float)
    fitted = ppml(x, flow)
    assert np.abs(x.T @ (flow - fitted.mean)).max() < 1e-9 * flow.sum()
    off = np.abs(fitted.coefficient[-2:] - [-0.9, -0.6]) / fitted.error[-2:]
    assert off.max() < 3
    assert np.isnan(fitted.coefficient[2 * n - 1])  # both ends hold the constant


def test_closed_forms():
    y = np.array([1.0, 3.0, 2.0, 8.0, 0.0, 4.0])
    group = np.array([1.0, 1, 1, 0, 0, 0])
    fit = ppml(np.column_stack([group, 1 - group]), y)
    assert np.exp(fit.coefficient) == pytest.approx([2.0, 4.0])
    spread = [((y[:3] - 2) ** 2).sum() / 36, ((y[3:] - 4) ** 2).sum() / 144]
    assert fit.error**2 == pytest.approx(np.array(spread) * 6 / 4)
    # With effects of both ends alone, what is expected is row total times column total by total.
    table = np.array([[5.0, 1, 0], [2, 0, 7], [1, 1, 4]])
    mean = ppml(design(3, np.zeros(9)), table.ravel()).mean
    assert mean == pytest.approx(
        np.outer(table.sum(axis=1), table.sum(axis=0)).ravel() / table.sum()
    )
    assert independent(np.array([[1.0, 2, 0], [1, 2, 1]])) == [0, 2]


def test_rows_that_teach_nothing_are_found():
    n = 5
    i, j = np.divmod(np.arange(n * n), n)
    flow = 1.0 + (i * 3 + j * 7) % 5
    flow[i == 2] = 0
    x = design(n, np.ones(n * n))
    assert (separated(x, flow) == (i == 2)).all()
    across = ((i < 2) != (j < 2)) * 1.0
    flow[across == 1] = 0
    found = separated(np.column_stack([x, across]), flow)
    assert (found == ((i == 2) | (across == 1))).all()
    some = flow.copy()
    some[[3, 15]] = 3.0  # one flow across in either direction, and the border can be told
    assert (separated(np.column_stack([x, across]), some) == (i == 2)).all()


@pytest.fixture(scope="module")
def placed():
    """The movements of a world as flows, with the regions of the world."""
    world = small_world()
    none = [empty(n) for n in ("flow", "bank_account", "party", "invoice")]
    return survey.flows(*none, world["movement"], world["region"])["factor_flow"], world["region"]


def term(found, kind, name):
    (row,) = (r for r in found["gravity"].to_pylist() if (r["kind"], r["term"]) == (kind, name))
    return row


@pytest.mark.parametrize("kind", sorted(PULLS))
def test_planted_elasticities_are_recovered(placed, kind):
    _, distance, border, _ = PULLS[kind]
    found = survey.gravity(*placed, kinds=(kind,))
    for name, planted in (("distance", -distance), ("border", -border), ("belt", 0.0)):
        row = term(found, kind, name)
        assert row["verdict"] == "estimated"
        assert abs(row["value"] - planted) < 3 * row["error"]
    first = found["border_cost"].sort_by("rank").to_pylist()[0]
    assert first["observed"] < first["expected"]
    assert first["equivalent"] is None
    priced = survey.gravity(*placed, kinds=(kind,), elasticity=5.0)["border_cost"]
    for r in priced.slice(0, 20).to_pylist():
        ratio = r["observed"] / r["expected"]
        assert r["equivalent"] == pytest.approx(ratio ** (-1 / 5) - 1)


def test_masses_instead_of_effects(placed):
    stat = small_world()["region_stat"]
    found = survey.gravity(*placed, empty("neighbour"), stat, mass="gdp", kinds=("people",))
    assert 0.5 < term(found, "people", "mass_from")["value"] < 1.1
    lost = survey.gravity(*placed, empty("neighbour"), stat, mass="nothing", kinds=("people",))
    row = term(lost, "people", "distance")
    assert (row["verdict"], row["value"]) == ("few", None)
    assert ("survey.missing(nothing)", 31) in [(r["code"], r["points"]) for r in row["reasons"]]


def test_what_cannot_be_estimated_says_why(placed):
    _, region = placed
    belts = {p.adcode: p.belt for p in PROVINCES}
    ids = [a for a, b in belts.items() if b in {"east", "west"}]
    none = [empty(n) for n in ("flow", "bank_account", "party", "invoice")]

    def fitted(rows):
        flow = survey.flows(*none, movements(*rows), region)["factor_flow"]
        return survey.gravity(flow, region)

    apart = [(a, b, 1.0 + i % 5 + j % 3, "k", "u") for i, a in enumerate(ids)
             for j, b in enumerate(ids) if belts[a] == belts[b]]  # fmt: skip
    found = fitted(apart)
    assert term(found, "k", "belt")["verdict"] == "separated"
    assert term(found, "k", "distance")["verdict"] == "estimated"
    east = [r for r in apart if belts[r[0]] == "east"]
    assert term(fitted(east), "k", "belt")["verdict"] == "collinear"
    assert term(fitted(apart[:2]), "k", "distance")["verdict"] == "few"
    lost = survey.gravity(placed[0], empty("region"))["gravity"]
    assert {r["verdict"] for r in lost.to_pylist()} == {"few"}


def stat(*rows):
    names = ("region_id", "period", "measure", "vintage", "value", "unit")
    columns = {n: [r[i] for r in rows] for i, n in enumerate(names)}
    return build("region_stat", {**columns, "source": ["test"] * len(rows)})


def test_logistics_by_hand():
    def one(region, period, cost, gdp, vintage="v"):
        told = (("logistics_cost", cost), ("gdp", gdp))
        return [(region, period, m, vintage, v, "u") for m, v in told if v is not None]

    found = survey.logistics(stat(
        *one("310000", "2021", 16.0, 100.0), *one("310000", "2022", 15.0, 100.0),
        *one("330000", "2022", 45.0, 300.0), *one("330000", "2021", None, 300.0),
        *one("340000", "2022", 0.0, 100.0), *one("350000", "2022", 9.0, None),
        *one("310000", "2024", 30.0, 100.0), ("310000", "2022", "logistics_cost", "a", 99.0, "u"),
    ))["logistics"]  # fmt: skip
    rows = {(r["region_id"], r["period"]): r for r in found.to_pylist()}
    ratio = {k: (r["ratio"], r["change"]) for k, r in rows.items()}
    assert ratio["310000", "2022"] == (0.15, pytest.approx(-0.01))
    assert ratio["310000", "2024"] == (0.3, None)  # the year before is missing
    assert ratio["100000", "2022"] == (0.15, pytest.approx(-0.01))
    assert rows["100000", "2022"]["regions"] == 2

    def codes(*key):
        return [r["code"] for r in rows[key]["reasons"]]

    assert codes("330000", "2021") == ["survey.missing(logistics_cost)"]
    assert codes("340000", "2022") == ["survey.not_positive(logistics_cost)"]
    assert codes("350000", "2022") == ["survey.missing(gdp)"]
    assert codes("100000", "2022")[-2:] == ["survey.sum_of_regions", "survey.regions_missing"]
    told = survey.logistics(stat(*one("100000", "2022", 14.4, 100.0),
                                 *one("310000", "2022", 1.0, 100.0)))["logistics"]  # fmt: skip
    (nation,) = (r for r in told.to_pylist() if r["region_id"] == "100000")
    assert nation["ratio"] == pytest.approx(0.144)


def test_logistics_of_mixed_units_or_vintages():
    mixed = stat(("310000", "2022", "logistics_cost", "b", 1.0, "u"),
                 ("310000", "2022", "gdp", "a", 10.0, "u"))  # fmt: skip
    row = survey.logistics(mixed)["logistics"].to_pylist()[0]
    assert row["vintage"] == "b / a"
    assert "survey.vintages_mixed" in [r["code"] for r in row["reasons"]]
    with pytest.raises(DataError, match="several units"):
        survey.logistics(stat(("310000", "2022", "logistics_cost", "a", 1.0, "w"),
                              ("310000", "2022", "gdp", "a", 10.0, "u")))  # fmt: skip
