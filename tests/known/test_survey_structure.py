"""Complexity, fitness and structure against published values, plain twins and planted truth."""

import csv
import itertools
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from liandong import survey
from liandong.kernels.scores.complexity import complexity, fitness, rank_interval, ranks
from liandong.kernels.scores.relatedness import balassa, densities, density, proximity
from liandong.kernels.scores.roc import clustered, delong_pair
from liandong.kernels.scores.specialisation import cosines, krugman_pairs, specialisation
from liandong.schema.tables.structure import UNDEFINED
from liandong.testing.outputs import SOUND, TABLE_A, TABLE_B, odd, outputs
from support.data import dataset
from support.worlds import truths


@pytest.fixture(scope="module")
def trade() -> tuple[list[str], np.ndarray]:
    """World trade 1998-2000: countries, and their exports by product."""
    flows = pq.read_table(dataset("economic_complexity") / "world_trade_avg_1998_2000.parquet")
    names = [sorted(flows[c].unique().to_pylist()) for c in ("country", "product")]
    at = [pa.compute.index_in(flows[c], pa.array(n, flows[c].type)).to_numpy()
          for c, n in zip(("country", "product"), names, strict=True)]  # fmt: skip
    amount = np.zeros([len(n) for n in names])
    amount[tuple(at)] = flows["value"].to_numpy()
    return names[0], amount


def _exact(holds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The eigenvalues, largest first, and the index, by a dense solver on the regions."""
    k, u = holds.sum(axis=1), holds.sum(axis=0)
    s = holds / np.sqrt(k)[:, None] / np.sqrt(u)
    values, vectors = np.linalg.eigh(s @ s.T)
    index = vectors[:, -2] / np.sqrt(k)
    index = (index - index.mean()) / index.std()
    return values[::-1], index * np.sign(np.corrcoef(index, k)[0, 1])


def test_complexity_of_world_trade_is_the_published_one(trade) -> None:
    names, amount = trade
    holds = balassa(amount) >= 1
    assert int(holds.sum()) == 31_951
    found = complexity(holds)
    values, index = _exact(holds)
    assert (found.second, found.third) == pytest.approx((0.17913392, 0.12094886), abs=5e-9)
    assert (found.second, found.third) == pytest.approx(values[1:3], abs=1e-11)
    assert np.abs(found.places - index).max() < 1e-12
    at = dict(zip(names, found.places, strict=True))
    known = {"sgs": 2.33993, "jpn": 2.262632, "hmd": 1.989649, "gbr": 1.924224, "deu": 1.884379,
             "usa": 1.825037, "nga": -2.544355, "gnq": -2.37119, "cod": -2.011607}  # fmt: skip
    assert {n: at[n] for n in known} == pytest.approx(known, abs=5e-7)
    producers = [found.places[holds[:, p]].mean() for p in range(holds.shape[1])]
    np.testing.assert_allclose(found.fields, producers, atol=1e-12)


def test_fitness_of_world_trade_is_the_published_one(trade) -> None:
    names, amount = trade
    holds = balassa(amount) >= 1
    at = dict(zip(names, fitness(holds, 19)[0], strict=True))
    known = {"deu": 3.812896, "esp": 3.359721, "ita": 3.234117, "fra": 3.12151, "cze": 3.109008,
             "usa": 3.105877, "aut": 3.096404, "gbr": 3.059591}  # fmt: skip
    assert {n: at[n] for n in known} == pytest.approx(known, abs=5e-7)
    file = dataset("economic_complexity") / "reference_complexity_index_country.csv"
    with file.open() as lines:
        shipped = {r["id"]: float(r["complexity_index_country"]) for r in csv.DictReader(lines)}
    twenty = dict(zip(names, fitness(holds, 20)[0], strict=True))
    assert shipped == pytest.approx(twenty, abs=1e-3)
    assert shipped == pytest.approx(at, abs=1e-11)  # their 20 iterations are 19 updates


def test_lanczos_is_exact_on_either_side_and_knows_repeated_eigenvalues() -> None:
    random = np.random.default_rng(2)
    for shape in ((40, 90), (90, 40), (12, 12), (300, 70)):
        holds = random.random(shape) < np.linspace(0.15, 0.6, shape[0])[:, None]
        holds[:, 0] = holds[0] = True
        found = complexity(holds)
        values, index = _exact(holds)
        assert (found.second, found.third) == pytest.approx(values[1:3], abs=1e-10)
        assert np.abs(found.places - index).max() < 1e-10
    ring = np.array([[j in {i, (i + 1) % 12} for j in range(12)] for i in range(12)])
    found = complexity(ring)
    assert found.third == pytest.approx(found.second, abs=1e-9)


def test_table_a_and_b_have_the_published_structure() -> None:
    a, b = (specialisation(np.array(t, float)) for t in (TABLE_A, TABLE_B))
    assert a.krugman == pytest.approx([1.6, 1.0, 0.6, 0.7, 1.1])
    assert a.coefficient == pytest.approx([0.8, 0.5, 0.3, 0.35, 0.55])
    assert a.hachman == pytest.approx([0.2, 0.3809524, 0.5882353, 0.6349206, 0.4301075], abs=5e-8)
    assert a.entropy == pytest.approx([0, 1.319, 1.761, 1.766, 1.219], abs=5e-4)
    assert a.herfindahl == pytest.approx([1, 0.525, 0.34, 0.315, 0.465])
    assert b.krugman == pytest.approx(
        [0.973774, 0.7696246, 0.8129453, 0.8506721, 0.3711135, 0.9877584], abs=5e-8
    )
    assert b.hachman == pytest.approx(
        [0.4810244, 0.4977812, 0.4981603, 0.5514645, 0.8146381, 0.4981179], abs=5e-8
    )
    assert b.herfindahl == pytest.approx(
        [0.4238227, 0.3336168, 0.4184364, 0.3613778, 0.2539548, 0.4369237], abs=5e-8
    )
    rounded = [[1.75, 0.14, 0, 2.64, 0.37], [0.7, 3.17, 1.27, 0, 0.47], [0.13, 0.99, 2.69, 1.21, 0],
               [0, 2.06, 0.63, 0.3, 2.18], [1.13, 0.29, 0.97, 1.79, 0.68],
               [2.02, 0, 0.27, 0.08, 2.26]]  # fmt: skip
    assert balassa(np.array(TABLE_B, float)) == pytest.approx(np.array(rounded), abs=0.005)


def test_likeness_by_definition() -> None:
    value = np.random.default_rng(4).random((5, 7))
    share = value / value.sum(axis=1, keepdims=True)
    for a, b in itertools.combinations(range(5), 2):
        cosine = share[a] @ share[b] / np.sqrt((share[a] @ share[a]) * (share[b] @ share[b]))
        assert cosines(value)[a, b] == pytest.approx(cosine)
        (apart,) = krugman_pairs(value, np.array([a]), np.array([b]))
        assert apart == pytest.approx(sum(abs(x - y) for x, y in zip(share[a], share[b],
                                                                    strict=True)))  # fmt: skip


def test_density_without_the_proximity_is_density(monkeypatch) -> None:
    random = np.random.default_rng(1)
    for shape in ((19, 23), (4, 60), (30, 12), (5, 40)):
        holds = random.random(shape) < random.random(shape[1]) ** 2
        np.testing.assert_allclose(densities(holds), density(holds, proximity(holds)), atol=1e-13)
    assert not densities(np.eye(3, 5, dtype=bool)).any()
    monkeypatch.setattr("liandong.kernels.scores.relatedness.BLOCK", 5)
    some = np.array([7, 2])
    np.testing.assert_array_equal(proximity(holds, some), proximity(holds)[:, some])


def test_areas_of_clustered_rows() -> None:
    random = np.random.default_rng(3)
    bad = random.random(200) < 0.3
    risks = random.normal(size=(2, 200)) + bad
    areas, spread = clustered(risks, bad, np.arange(200))
    alone = delong_pair(*risks, bad)
    np.testing.assert_allclose(areas, alone[0])
    np.testing.assert_allclose(spread, alone[1])
    # The same rows five times over tell no more than once: copies of a row are one cluster.
    again, wide = clustered(np.repeat(risks, 5, axis=1), np.repeat(bad, 5),
                            np.repeat(np.arange(200), 5))  # fmt: skip
    np.testing.assert_allclose(again, areas)
    np.testing.assert_allclose(wide, spread)


ODD = odd()


@pytest.mark.parametrize("name", ODD)
def test_odd_tables_are_named(name: str) -> None:
    table, code = ODD[name]
    found = survey.complexity(table, draws=20)
    said = {(r["code"], r["weight"]) for r in found["survey_caution"].to_pylist()}
    assert code in {c for c, _ in said}
    undefined = {c for c, w in said if w == "undefined"}
    assert undefined == {c for c, _ in said} & set(UNDEFINED)
    for row in found["complexity"].to_pylist():
        assert (row["rank"] is None) == (row["eci"] is None) == bool(undefined)
        assert row["rank_low"] is None or row["rank_low"] <= row["rank"] <= row["rank_high"]
    assert all(p["defined"] != bool(undefined) for p in found["complexity_panel"].to_pylist())


def test_a_sound_table_raises_nothing() -> None:
    found = survey.complexity(outputs(SOUND))
    assert not len(found["survey_caution"])
    assert sorted(r["rank"] for r in found["complexity"].to_pylist()) == [1, 2, 3, 4, 5]


def test_world_trade_is_said_to_have_tiny_places_and_nothing_else(trade) -> None:
    names, amount = trade
    found = survey.complexity(outputs(amount, names, kind="product"), draws=0)
    (said,) = found["survey_caution"].to_pylist()
    assert (said["code"], said["weight"], said["count"]) == ("small_total", "caution", 12)
    assert {"sgs", "hmd"} <= set(json.loads(said["evidence"]))
    ranked = {r["region_id"]: r["rank"] for r in found["complexity"].to_pylist()}
    assert "sgs" not in ranked
    assert ranked["jpn"] == 1
    # Kept, South Georgia is first; but the draws know that it may as well be among the last.
    holds = balassa(amount) >= 1
    low, high = rank_interval(holds, np.zeros(holds.shape, bool), 40, np.random.default_rng(1))
    tiny, japan = names.index("sgs"), names.index("jpn")
    assert ranks(complexity(holds).places)[tiny] == 1
    assert high[tiny] > 200
    assert high[japan] < 20
    assert low[japan] == 1


def test_what_is_planted_in_a_world_is_found(planted_world) -> None:
    rows, truth = planted_world["region_output"], planted_world
    partners = {(r["region_id"], r["other_id"])
                for r in survey.partners(rows)["partner"].to_pylist()}  # fmt: skip
    for t in truths(truth, "complementary_regions"):
        assert (t["subject"], t["object"]) in partners
        assert (t["object"], t["subject"]) in partners
    warned = {frozenset((r["region_id"], r["other_id"]))
              for r in survey.specialisation(rows)["structure_pair"].to_pylist()
              if r["warning"] != "none"}  # fmt: skip
    for t in truths(truth, "repeated_structure"):
        assert frozenset((t["subject"], t["object"])) in warned


def test_a_forecast_stands_beside_its_baselines(planted_world) -> None:
    found = survey.entry(planted_world["region_output"])
    tests = {(r["kind"], r["model"]): r for r in found["entry_test"].to_pylist()}
    for kind in ("industry", "patent"):
        for baseline in ("density", "popularity"):
            test = tests[kind, baseline]
            assert (test["verdict"], test["lead_low"] > 0) == ("better", True)
            assert test["low"] < test["auc"] < test["high"]
        claims = all(tests[kind, b]["verdict"] == "better"
                     for b in ("density", "popularity", "advantage"))  # fmt: skip
        said = {r["verdict"] for r in found["entry_forecast"].to_pylist() if r["kind"] == kind}
        assert said == {"better" if claims else "not_better"}
        cautions = {r["code"] for r in found["survey_caution"].to_pylist() if r["kind"] == kind}
        assert cautions == (set() if claims else {"not_better"})
    short = planted_world["region_output"].filter(pa.compute.field("period") > "2015")
    found = survey.entry(short)
    assert {r["code"] for r in found["survey_caution"].to_pylist()} == {"too_few_periods"}
    assert not len(found["entry_forecast"])


@pytest.fixture(scope="module")
def planted_world() -> dict[str, pa.Table]:
    from liandong import world

    return world.make(firms=100, months=12, seed=7)


def test_outputs_of_firms_add_up(planted_world) -> None:
    w = planted_world
    found = survey.outputs(w["party"], w["invoice"], w["signal"])["region_output"]
    home = {p["party_id"]: p for p in w["party"].to_pylist()}
    sold: dict[tuple[str, str, str], int] = {}
    for i in w["invoice"].to_pylist():
        firm = home[i["seller"]]
        if i["status"] != "void" and firm["region_id"] and firm["industry"]:
            key = (firm["region_id"][:2] + "0000", firm["industry"][:3], str(i["date"].year))
            sold[key] = sold.get(key, 0) + i["net"]
    told = {(r["region_id"], r["item"], r["period"]): r["value"]
            for r in found.to_pylist() if r["kind"] == "industry"}  # fmt: skip
    assert told == {k: v / 100 for k, v in sold.items()}
    patents = sum(s["value"] for s in w["signal"].to_pylist()
                  if s["measure"].startswith("patents."))  # fmt: skip
    assert sum(r["value"] for r in found.to_pylist() if r["kind"] == "patent") == patents > 0
