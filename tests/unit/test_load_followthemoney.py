"""FollowTheMoney in and out: bands, partial dates, provenance, and there and back the same."""

import json
from pathlib import Path

import pytest

from liandong.errors import DataError
from liandong.load import load
from liandong.load.entities import entities
from support.data import dataset
from support.owning import ties
from support.worlds import small_world


def written(path: Path, *lines: dict | str) -> Path:
    text = "\n".join(x if isinstance(x, str) else json.dumps(x, ensure_ascii=False) for x in lines)
    path.write_text(text, "utf-8")
    return path


def entity(key: str, schema: str, **values: object) -> dict:
    return {"id": key, "schema": schema, "properties": values}


PEOPLE = (
    entity("p", "Person", name=["李四", "Li Si"]),
    entity("c", "Company", name=["甲公司"], incorporationDate=["2015-03"]),
    entity("b", "Company", name=["乙银行"], topics=["fin.bank"]),
)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["62.5"], (625_000, None, None)),
        (["62,5 %"], (625_000, None, None)),
        (["25-50"], (None, 250_000, 500_000)),
        (["more than 25"], (None, 250_000, None)),
        (["<=10"], (None, 0, 100_000)),
        (["48", "51"], (None, 480_000, 510_000)),
        ([], (None, None, None)),
    ],
)
def test_percentages_are_shares_or_bands(tmp_path, words, wanted):
    link = entity("o", "Ownership", owner=["p"], asset=["c"], percentage=words)
    got = load("followthemoney", written(tmp_path / "x.ijson", *PEOPLE, link)).tables["edge"]
    row = got.to_pylist()[0]
    assert (row["share"], row["share_low"], row["share_high"]) == wanted
    assert str(row["valid_from"]) == "1900-01-01"


def test_dates_may_be_partial_and_sources_are_kept(tmp_path):
    link = entity("o1", "Ownership", owner=["p"], asset=["c"], startDate=["2019", "2018-07"],
                  endDate=["2020-02"])  # fmt: skip
    ends = {"director": ["p"], "organization": ["c"]}
    head = entity("d1", "Directorship", **ends, startDate=["2019-05-06"])
    got = load("followthemoney", written(
        tmp_path / "x.ijson", *PEOPLE, {**link, "datasets": ["egrul", "ofac"]}, head,
    )).tables  # fmt: skip
    rows = {r["kind"]: r for r in got["edge"].to_pylist()}
    assert (str(rows["owns"]["valid_from"]), str(rows["owns"]["valid_to"])) == (
        "2018-07-01", "2020-02-29",
    )  # fmt: skip
    assert rows["owns"]["source"] == "egrul ofac #o1"
    assert str(rows["directs"]["valid_from"]) == "2019-05-06"
    kinds = {r["party_id"]: r["kind"] for r in got["party"].to_pylist()}
    assert kinds == {"p": "person", "c": "firm", "b": "bank"}
    assert str(got["party"].to_pylist()[1]["founded"]) == "2015-03-01"


def test_statements_are_read_with_who_said_them(tmp_path):
    said = {
        "id": "s", "schema": "Ownership",
        "statements": {
            "owner": [{"value": "p", "dataset": "a"}], "asset": [{"value": "c", "dataset": "b"}],
            "percentage": [{"value": "30", "dataset": "b"}],
        },
    }  # fmt: skip
    row = load("followthemoney", written(tmp_path / "x.ijson", *PEOPLE, said)).tables["edge"]
    assert (row["share"][0].as_py(), row["source"][0].as_py()) == (300_000, "a b #s")


def test_what_is_wrong_is_named(tmp_path):
    wrong = [
        entity("o", "Ownership", owner=["p"], asset=["c"], percentage=["most"]),
        entity("o2", "Ownership", owner=["p"], asset=["b"], percentage=["140"]),
        entity("o3", "Ownership", owner=["p"]),
        entity("a", "Address", full=["x"]),
    ]
    path = written(tmp_path / "x.ijson", *PEOPLE, "{not json", *wrong)
    found = load("followthemoney", path)
    codes = {(r["row"], r["code"]) for r in found.errors.to_pylist()}
    assert {(4, "not_entity"), (5, "not_rate"), (6, "out_of_range"), (7, "missing"),
            (1, "unread_entities")} <= codes  # fmt: skip
    assert len(found.tables["edge"]) == 0
    with pytest.raises(DataError, match="layout"):
        load("followthemoney", written(tmp_path / "y.ijson", "[]"))


def test_payments_of_one_currency(tmp_path):
    def paid(key: str, currency: str) -> dict:
        return entity(key, "Payment", payer=["p"], beneficiary=["c"], amount=["12.50"],
                      currency=[currency], date=["2020-01-02"], purpose=["货款"])  # fmt: skip

    path = written(tmp_path / "x.ijson", *PEOPLE, paid("f1", "CNY"), paid("f2", "EUR"))
    with pytest.raises(DataError, match="CNY, EUR"):
        load("followthemoney", path)
    got = load("followthemoney", path, currency="eur").tables
    row = got["flow"].to_pylist()[0]
    assert (row["flow_id"], row["amount"], row["src_account"]) == ("f2", 1250, "p:account")
    assert {r["account_id"]: r["party_id"] for r in got["bank_account"].to_pylist()} == {
        "p:account": "p", "c:account": "c",
    }  # fmt: skip


def test_there_and_back_is_the_same(tmp_path):
    world = small_world()
    names = ("party", "edge", "bank_account", "flow")
    given = {n: world[n].slice(0, 500) for n in names}
    found = load("followthemoney", written(tmp_path / "x.ijson", *entities(given)))
    assert found.refused == dict.fromkeys(names, 0)
    kept = {
        "party": ("party_id", "kind", "name", "credit_code"),
        "edge": (
            "src",
            "dst",
            "kind",
            "valid_from",
            "valid_to",
            "share",
            "share_low",
            "share_high",
        ),
        "bank_account": ("account_id", "party_id", "kind", "opening_balance"),
        "flow": ("flow_id", "src_account", "dst_account", "amount", "at", "seq", "kind", "purpose"),
    }
    for name, columns in kept.items():
        assert found.tables[name].select(columns).equals(given[name].select(columns)), name


def test_bands_come_back_as_they_went(tmp_path):
    edge = ties("P 25-50 A, Q ! A, X 12.3456 A")
    found = load("followthemoney", written(
        tmp_path / "x.ijson", *(entity(n, "Company") for n in "PQXA"), *entities({"edge": edge}),
    ))  # fmt: skip
    columns = ["src", "dst", "kind", "valid_from", "share", "share_low", "share_high"]
    assert found.tables["edge"].select(columns).equals(edge.select(columns))


def test_real_registers_and_donations():
    folder = dataset("ownership_samples")
    zala = load("followthemoney", folder / "ftm_zala.json").tables
    assert (len(zala["party"]), len(zala["edge"])) == (17, 15)
    shares = [r["share"] for r in zala["edge"].to_pylist() if r["kind"] == "owns"]
    assert sorted(s for s in shares if s) == [
        10_000, 20_000, 490_000, 510_000, 750_000, 1_000_000, 1_000_000, 1_000_000,
    ]  # fmt: skip
    gifts = load("followthemoney", folder / "ftm_donations.ijson").tables
    assert len(gifts["flow"]) == 290
    assert len(gifts["party"]) == 95
