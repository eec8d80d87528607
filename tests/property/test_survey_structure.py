"""Whatever the table: no rank without a defined complexity, and no figure out of bounds."""

import numpy as np
import pyarrow.compute as pc
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong import survey
from liandong.kernels.scores.complexity import fitness
from liandong.testing.outputs import outputs

CELLS = st.sampled_from([0.0, 0.0, 1.0, 2.0, 3.0, 1e-6, 1e6, -1.0, float("nan"), float("inf")])
SHAPES = st.tuples(st.integers(1, 6), st.integers(1, 6))
TABLES = SHAPES.flatmap(
    lambda s: st.lists(st.lists(CELLS, min_size=s[1], max_size=s[1]), min_size=s[0], max_size=s[0])
)


@settings(max_examples=30, deadline=None)
@given(TABLES)
def test_ranks_only_where_complexity_is_defined(values: list[list[float]]) -> None:
    found = survey.complexity(outputs(values), draws=4)
    weights = found["survey_caution"]["weight"].to_pylist()
    (panel,) = found["complexity_panel"].to_pylist()
    assert panel["defined"] == ("undefined" not in weights)
    rows = found["complexity"].to_pylist()
    assert panel["regions"] == len(rows)
    for r in rows:
        assert (r["eci"] is not None) == (r["rank"] is not None) == panel["defined"]
        assert r["diversity"] > 0  # who makes anything has an advantage somewhere
    if panel["defined"]:
        eci = np.array([r["eci"] for r in rows])
        assert abs(eci.mean()) < 1e-9
        assert abs(eci.std() - 1) < 1e-9
    if rows:
        assert abs(np.mean([r["fitness"] for r in rows]) - 1) < 1e-9


@settings(max_examples=30, deadline=None)
@given(TABLES)
def test_what_is_proposed_is_lacking_and_within_bounds(values: list[list[float]]) -> None:
    rows = outputs(values)
    for r in survey.opportunities(rows)["opportunity"].to_pylist():
        assert 0 < r["score"] <= r["density"] <= 1 + 1e-12
        assert r["rca"] < 1
    brings = {}
    for r in survey.partners(rows)["partner"].to_pylist():
        assert r["region_id"] != r["other_id"]
        assert 0 < r["score"] <= 1 + 1e-12
        brings[r["region_id"], r["other_id"]] = (r["brings"], r["takes"])
    for (a, b), (there, back) in brings.items():
        assert brings.get((b, a), (back, there)) == (back, there)
    found = survey.specialisation(rows)
    for r in found["structure"].to_pylist():
        assert r["krugman"] == 2 * r["specialisation"] <= 2
        assert 0 < r["hachman"] <= 1 + 1e-9
        assert r["top_lq"] >= 1 - 1e-9
    assert pc.all(pc.less_equal(found["concentration"]["hoover"], 1.0)).as_py() in {True, None}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 7), st.integers(2, 7))
def test_order_and_scale_change_nothing(seed: int, places: int, fields: int) -> None:
    random = np.random.default_rng(seed)
    value = random.integers(0, 5, (places, fields)).astype(float)
    codes = [f"{11 + k}0000" for k in range(places)]
    turned = random.permutation(places)
    one, other = (
        {r["region_id"]: (r["rank"], r["diversity"], r["fitness_rank"])
         for r in survey.complexity(t, draws=0)["complexity"].to_pylist()}
        for t in (outputs(value, codes), outputs(8 * value[turned], [codes[k] for k in turned]))
    )  # fmt: skip
    assert one == other


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(1, 6), st.integers(1, 12))
def test_fitness_is_what_its_updates_say(seed: int, places: int, fields: int, updates: int) -> None:
    holds = np.random.default_rng(seed).random((places, fields)) < 0.5
    holds[:, 0] = holds[0] = True
    f, q = [1.0] * places, [1.0] * fields
    for _ in range(updates):
        new = [sum(q[p] for p in range(fields) if holds[c, p]) for c in range(places)]
        hard = [1 / sum(1 / f[c] for c in range(places) if holds[c, p]) for p in range(fields)]
        f = [x / (sum(new) / places) for x in new]
        q = [x / (sum(hard) / fields) for x in hard]
    found = fitness(holds, updates)
    np.testing.assert_allclose(found[0], f, rtol=1e-9)
    np.testing.assert_allclose(found[1], q, rtol=1e-9)
