"""Scorecards in other languages give the points, PD and grade of Python in every row."""

import json
import math

import duckdb
import numpy as np
import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.assess import Characteristic, Pair, Scaling, Scorecard, to_json, to_pmml, to_sql
from liandong.errors import UsageError
from liandong.schema.arrow import build
from support import pmml

GRADES = {"A": 50_000, "好": 120_000, "O'K": 300_000, "D": 1_000_000}
POINTS = st.integers(-80, 80)
WORDS = ("x", "it's", 'a "b"', "北京", "", "back\\slash")
VALUES = st.none() | st.floats(-20, 20) | st.sampled_from([0.1, -7.0, 1e-300, math.nan, 1e308])


def points(draw, n):
    return draw(st.lists(POINTS, min_size=n, max_size=n))


@st.composite
def cards(draw):
    """Return a card of up to three numbers, a category, and a pair of any two of them."""
    found = []
    for name in ("sales", "owner's age", 'tax "net"')[: draw(st.integers(1, 3))]:
        edges = sorted(draw(st.sets(st.floats(-15, 15) | st.just(0.1), max_size=3)))
        worth = points(draw, len(edges) + 2)
        found.append(Characteristic(measure=name, trend="none", edges=edges, points=worth,
                                    woe=[0.0] * len(worth), iv=0, coefficient=1))  # fmt: skip
    groups = ((WORDS[0], WORDS[1]), WORDS[2:4], WORDS[4:])[: draw(st.integers(1, 3))]
    worth = points(draw, len(groups) + 1)
    found.append(Characteristic(measure="城市", trend="ascending", levels=groups, points=worth,
                                woe=[0.0] * len(worth), iv=0, coefficient=1))  # fmt: skip
    pairs = []
    if draw(st.booleans()):
        a, b = draw(st.permutations(found))[:2]
        table = [points(draw, b.bins + 1) for _ in range(a.bins + 1)]
        pairs.append(Pair(measures=(a.measure, b.measure), points=table))
    return Scorecard(
        base=draw(st.integers(300, 700)), scaling=Scaling(pdo=draw(st.integers(10, 50))), rows=9,
        characteristics=found, pairs=pairs, bads=3, auc=0.5, auc_low=0.4, auc_high=0.6,
    )  # fmt: skip


@st.composite
def cases(draw):
    card = draw(cards())
    n = draw(st.integers(1, 12))
    columns = {"party_id": pa.array([f"F{i}" for i in range(n)])}
    for c in card.characteristics:
        kind = st.none() | st.sampled_from([*WORDS, "unseen"]) if c.levels else VALUES
        columns[c.measure] = pa.array(
            draw(st.lists(kind, min_size=n, max_size=n)), pa.string() if c.levels else pa.float64()
        )
        hidden = st.sampled_from([False, False, True, None])
        columns[f"{c.measure}_withheld"] = pa.array(
            draw(st.lists(hidden, min_size=n, max_size=n)), pa.bool_()
        )
    return card, pa.table(columns)


def expected(card, data):
    """Return points, PD and grade of each row as Python scores it."""
    columns = [
        data[c.measure].combine_chunks() if c.levels else data[c.measure].to_numpy()
        for c in card.characteristics
    ]
    hidden = np.column_stack(
        [np.array(data[f"{m}_withheld"].to_pylist(), object) == True for m in card.measures]  # noqa: E712 - null is not true
    )
    total = card.base + card.parts(columns, hidden).sum(axis=1)
    pd = card.scaling.pd(total)
    grade = [next(g for g, b in GRADES.items() if p < b or b == 1_000_000) for p in pd]
    return list(zip(total.tolist(), pd.tolist(), grade, strict=True))


def in_duckdb(sql, **tables):
    with duckdb.connect(":memory:") as db:
        for name, data in tables.items():
            db.register(name, data)
        return db.sql(f"SELECT points, pd, grade FROM ({sql}\n) ORDER BY party_id").fetchall()


def by_id(data):
    return data.take(pa.array(np.argsort(data["party_id"].to_pylist())))


@settings(max_examples=120, deadline=None)
@given(cases())
def test_duckdb_scores_as_python_does(case):
    card, data = case
    assert in_duckdb(to_sql(card, GRADES), applicant=data) == expected(card, by_id(data))
    bare = to_sql(card, GRADES, withheld=False, source="bare")
    shown = data.select(["party_id", *card.measures])
    never = {f"{m}_withheld": pa.nulls(len(data), pa.bool_()) for m in card.measures}
    nothing = pa.table({**{n: data[n] for n in shown.column_names}, **never})
    assert in_duckdb(bare, bare=shown) == expected(card, by_id(nothing))


@settings(max_examples=25, deadline=None)
@given(case=cases())
@pytest.mark.postgres
def test_postgresql_scores_as_python_does(postgres, case):
    card, data = case
    engine = sa.create_engine(postgres.set(drivername="postgresql+psycopg"))
    kinds = {pa.float64(): sa.Double(), pa.bool_(): sa.Boolean(), pa.string(): sa.Text()}
    # Names of bound values may not hold quotes: columns are c0, c1, ... until the view names them.
    table = sa.Table("raw", sa.MetaData(), *(
        sa.Column(f"c{i}", kinds[f.type]) for i, f in enumerate(data.schema)
    ), prefixes=["TEMPORARY"])  # fmt: skip
    quote = '"{}"'.format
    named = [quote(f"c{i}") + " AS " + quote(n.replace('"', '""'))
             for i, n in enumerate(data.column_names)]  # fmt: skip
    with engine.begin() as c:
        table.create(c)
        rows = [{f"c{i}": v for i, v in enumerate(r.values())} for r in data.to_pylist()]
        c.execute(table.insert(), rows)
        c.exec_driver_sql(f"CREATE TEMPORARY VIEW applicant AS SELECT {', '.join(named)} FROM raw")
        sql = to_sql(card, GRADES, dialect="postgres")
        asked = f'SELECT points, pd, grade FROM ({sql}\n) q ORDER BY party_id COLLATE "C"'
        got = [tuple(r) for r in c.exec_driver_sql(asked.replace("%", "%%"))]
        c.rollback()
    engine.dispose()
    assert got == expected(card, by_id(data))


@settings(max_examples=60, deadline=None)
@given(cases())
def test_json_and_pmml_score_as_python_does(case):
    card, data = case
    told, document = json.loads(to_json(card, GRADES)), to_pmml(card, GRADES)
    for row, right in zip(data.to_pylist(), expected(card, data), strict=True):
        assert by_json(told, row) == right
        got = pmml.score(document, {k: None if nan(v) else v for k, v in row.items()})
        assert (got["points"], got["pd"], got["grade"]) == right
    assert Scorecard.make(**told["scorecard"]) == card


def nan(value):
    return isinstance(value, float) and math.isnan(value)  # NaN is missing in PMML


def by_json(told, row):
    """Score a row from the JSON alone, as its description says."""
    cells, total = {}, told["base"]
    for term in told["terms"]:
        value, worth = row[term["measure"]], [*term["points"], term["absent"], 0]
        if row[term["measure"] + "_withheld"]:
            cell = len(worth) - 1
        elif value is None or nan(value):
            cell = len(worth) - 2
        elif "levels" in term:
            cell = next((i for i, g in enumerate(term["levels"]) if value in g), len(worth) - 1)
        else:
            cell = next((i for i, e in enumerate(term["edges"]) if value <= e), len(term["edges"]))
        cells[term["measure"]] = cell, len(worth) - 1
        total += worth[cell]
    for pair in told["pairs"]:
        (a, silent_a), (b, silent_b) = (cells[m] for m in pair["measures"])
        total += 0 if a == silent_a or b == silent_b else pair["points"][a][b]
    pd = round(1e6 / (1 + math.exp((total - told["offset"]) / told["factor"])))
    return total, pd, next(g for g, b in told["grades"].items() if pd < b or b == 1_000_000)


def test_the_long_layout_reads_the_table_of_features():
    card = Scorecard(base=500, characteristics=[
        Characteristic(measure=m, trend="none", edges=[0.5], points=[-5, 7, -11], woe=[0] * 3,
                       iv=0, coefficient=1) for m in ("a", "b")
    ], rows=9, bads=3, auc=0.5, auc_low=0.4, auc_high=0.6)  # fmt: skip
    rows = [("F1", "a", 0.2, False), ("F1", "b", 0.9, False), ("F2", "a", math.inf, None),
            ("F3", "b", None, True), ("F4", "other", 1.0, False)]  # fmt: skip
    feature = build("feature", {
        "party_id": [r[0] for r in rows], "as_of": ["2020-01-01"] * len(rows),
        "measure": [r[1] for r in rows], "value": [r[2] for r in rows],
        "withheld": [r[3] for r in rows],
    } | {"as_of": pa.repeat(pa.scalar(0, pa.int32()).cast(pa.date32()), len(rows))})  # fmt: skip
    got = in_duckdb(to_sql(card, GRADES, layout="long"), feature=feature)
    # F1 is below .5 and above; F2 has an infinite a and no b; F3 has no a and withholds b.
    assert [points for points, _, _ in got] == [502, 478, 489, 478]


def test_rounding_of_the_pd_is_safe_in_any_language():
    """No points come near half a ppm, so exp may differ in its last bits and nothing changes."""
    total = np.arange(-3000, 3000)
    share = 1e6 / (1 + np.exp((total - Scaling().offset) / Scaling().factor))
    assert np.abs(share % 1 - 0.5).min() > 1e-6


def test_an_unknown_dialect_is_refused():
    card = Scorecard(base=1, characteristics=(), rows=0, bads=0, auc=0.5, auc_low=0.5, auc_high=0.5)
    with pytest.raises(UsageError, match="duckdb, postgres, spark"):
        to_sql(card, GRADES, dialect="oracle")
    assert in_duckdb(to_sql(card, GRADES), applicant=pa.table({"party_id": ["F"]}))[0][0] == 1


def test_reasons_of_pmml_are_points_below_the_most():
    card = Scorecard(base=500, characteristics=[
        Characteristic(measure=m, trend="none", edges=[0.5], points=[low, high, 0], woe=[0] * 3,
                       iv=0, coefficient=1) for m, low, high in (("a", -5, 7), ("b", -30, 4))
    ], rows=9, bads=3, auc=0.5, auc_low=0.4, auc_high=0.6)  # fmt: skip
    row = {"a": 0.1, "b": 0.1, "a_withheld": None, "b_withheld": False}
    got = pmml.score(to_pmml(card, GRADES), row)
    assert [got["reason_1"], got["reason_2"]] == ["b", "a"]  # 34 and 12 points below
