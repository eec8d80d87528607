"""A user's own files: encodings, delimiters, mappings, units, SQL."""

import sqlite3
import tomllib
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from liandong.errors import NotFoundError, UsageError
from liandong.load import SOURCES, fingerprint, load, part_name, template
from liandong.load.mapping import Mapping
from liandong.schema.tables import TABLES

HEAD = "invoice_id,seller,buyer,date,net,tax,status"
ROW = "a1,甲,乙,2020-01-02,100.50,6.03,valid"


def write(folder, text, encoding="utf-8", name="invoices.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def rows(loaded, table="invoice"):
    return loaded.tables[table].to_pylist()


def errors(loaded):
    return [(e["row"], e["field"], e["code"], e["value"]) for e in loaded.errors.to_pylist()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters_are_found_out(tmp_path, encoding, delimiter) -> None:
    text = f"{HEAD}\n{ROW}\n".replace(",", delimiter)
    loaded = load("invoice", write(tmp_path, text, encoding))
    assert rows(loaded) == [{
        "invoice_id": "a1", "seller": "甲", "buyer": "乙", "date": date(2020, 1, 2), "net": 10050,
        "tax": 603, "status": "valid", "ref": None,
    }]  # fmt: skip
    assert not len(loaded.errors)


def test_the_encoding_may_be_named(tmp_path) -> None:
    path = write(tmp_path, f"{HEAD}\n{ROW}\n", "utf-16")
    assert rows(load("invoice", path, encoding="utf-16"))[0]["seller"] == "甲"
    with pytest.raises(UsageError, match="utf-9"):
        load("invoice", path, encoding="utf-9")


def test_columns_by_label_in_either_language(tmp_path) -> None:
    text = "发票编号,销方,BUYER,Date,不含税金额,TAX,状态,原发票\na,甲,乙,2020/1/2,-5,0,valid,b\n"
    assert rows(load("invoice", write(tmp_path, text)))[0]["ref"] == "b"


def test_a_name_goes_before_a_label_and_the_rest_is_told(tmp_path) -> None:
    text = f"{HEAD},税额,备注\n{ROW},9,x\n"
    loaded = load("invoice", write(tmp_path, text))
    assert rows(loaded)[0]["tax"] == 603
    assert errors(loaded) == [(1, "*", "unused_columns", "税额, 备注")]
    assert loaded.refused == {"invoice": 0}


def test_rows_keep_their_numbers(tmp_path) -> None:
    text = (
        f"\n{HEAD}\n{ROW}\n,,,,,,\n\n"  # header in row 2, rows 4 and 5 blank
        '"a\n2",S,B,2020-01-02,x,1,valid\n'  # row 6, over two lines
        "a3,S,B\n"  # row 7
        "a4,S,B,2020-01-02,1,1,valid,more\n"  # row 8
        "a5,S,B,2020-01-02,y,1,valid"  # row 9
    )
    loaded = load("invoice", write(tmp_path, text))
    assert errors(loaded) == [
        (6, "net", "not_money", "x"),
        (7, "*", "wrong_width", "3 ≠ 7"),
        (8, "*", "wrong_width", "8 ≠ 7"),
        (9, "net", "not_money", "y"),
    ]
    assert (len(rows(loaded)), loaded.refused) == (1, {"invoice": 4})


MAPPING = """
[columns]
invoice_id = "号码"
net = { column = "金额（万元）", unit = "万元" }
status = { column = "状态", values = { "正常" = "valid", "作废" = "void" }, default = "valid" }
date = { column = "开票", default = 2020-01-31 }
tax = { column = "税额", unit = "分" }

[constants]
buyer = 1
"""


def test_mapping_units_values_defaults_and_constants(tmp_path) -> None:
    text = (
        "号码,金额（万元）,状态,开票,税额,销方\n"
        "a1,1.2345,正常,2020-01-02,7,S\n"
        "a2,3,作废,,8,S\n"
        "a3,x,, ,9,S\n"
        "a4,1,已付,2020-01-02,1,S\n"
    )
    mapping = write(tmp_path, MAPPING, name="my.toml")
    loaded = load("invoice", write(tmp_path, text, "gb18030"), mapping=mapping)
    assert [(r["net"], r["status"], r["date"].day, r["tax"], r["buyer"]) for r in rows(loaded)] == [
        (1_234_500, "valid", 2, 7, "1"),
        (3_000_000, "void", 31, 8, "1"),
    ]
    assert errors(loaded) == [
        (4, "net (金额（万元）)", "not_money", "x"),
        (5, "status (状态)", "not_a_choice", "已付"),
    ]
    assert set(loaded.files) == {"invoices.csv", "my.toml"}


def test_a_mapping_may_be_a_dict(tmp_path) -> None:
    text = f"{HEAD}\n{ROW}\n".replace("net", "amount")
    loaded = load("invoice", write(tmp_path, text), mapping={"columns": {"net": "amount"}})
    assert rows(loaded)[0]["net"] == 10050


@pytest.mark.parametrize(("unit", "fen"), [(None, 500), ("fen", 5), ("万元", 5_000_000)])
@pytest.mark.parametrize("kind", [pa.int64(), pa.float64(), pa.decimal128(20, 0), pa.string()])
def test_typed_money_follows_the_unit(tmp_path, unit, fen, kind) -> None:
    columns = dict(zip(HEAD.split(","), [[v] for v in ROW.split(",")], strict=True))
    data = pa.table(columns | {"net": pa.array([5]).cast(kind)})
    pq.write_table(data, tmp_path / "my.parquet")
    mapping = {"columns": {"net": {"column": "net", "unit": unit}}} if unit else None
    assert rows(load("invoice", tmp_path / "my.parquet", mapping=mapping))[0]["net"] == fen


def test_parquet_rows_count_from_one(tmp_path) -> None:
    columns = {n: [v, v] for n, v in zip(HEAD.split(","), ROW.split(","), strict=True)}
    pq.write_table(pa.table(columns), tmp_path / "my.parquet")
    assert errors(load("invoice", tmp_path / "my.parquet")) == [
        (2, "invoice_id", "duplicate", "a1")
    ]


@pytest.mark.parametrize("name", sorted(TABLES))
def test_templates_are_toml_and_change_nothing(name) -> None:
    text = template(name)
    assert Mapping.model_validate(tomllib.loads(text)) == Mapping()
    filled = "\n".join(
        line.removeprefix("# ") if line.endswith('= ""') else line for line in text.splitlines()
    )
    assert set(tomllib.loads(filled)["columns"]) == set(TABLES[name].names)
    assert all(f.zh in text and f.en in text for f in TABLES[name].fields)


def test_templates_name_common_words() -> None:
    assert "作废 = void" in template("invoice")
    assert "province" in template("party")


def test_sources_are_told_in_both_languages() -> None:
    assert all(s.zh and s.en for s in SOURCES.values())
    assert list(SOURCES) == [
        "cumcm2020c", "sba", "berka", "amlsim", "amlworld", "nbs", "hsr12306", "grid_carbon",
        "ashare_holders", "followthemoney", "ocds", "wiod", "china_io", "world",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["nothing", "truth", "account"])
def test_only_open_lake_tables_are_sources(name, tmp_path) -> None:
    with pytest.raises(NotFoundError, match="invoice"):
        load(name, tmp_path)


def test_wrong_calls(tmp_path) -> None:
    with pytest.raises(UsageError, match="mapping, encoding, delimiter"):
        load("invoice", tmp_path, maping="x")
    with pytest.raises(UsageError, match="needs a path"):
        load("invoice")


def test_parts_tell_files_apart(tmp_path) -> None:
    one, two = tmp_path / "a" / "x.csv", tmp_path / "b" / "x.csv"
    assert part_name("world", None) == "world"
    assert part_name("invoice", one) == part_name("invoice", str(one))
    assert part_name("invoice", one) != part_name("invoice", two)
    assert part_name("invoice", one).startswith("invoice:x.csv@")
    url = "sqlite:///x.db"
    assert part_name("invoice", url, query="a") != part_name("invoice", url, query="b")


def test_fingerprints_change_with_content(tmp_path) -> None:
    path = write(tmp_path, f"{HEAD}\n{ROW}\n")
    before = fingerprint("invoice", path)
    assert before == load("invoice", path).files
    write(tmp_path, f"{HEAD}\n{ROW} \n")
    assert fingerprint("invoice", path) != before


def test_progress_names_the_files(tmp_path) -> None:
    said = []
    load("invoice", write(tmp_path, f"{HEAD}\n{ROW}\n"), progress=lambda *a: said.append(a))
    assert said == [("invoices.csv", 0, 1), ("invoice", 1, 1)]


def test_rows_known_already_are_left_out_or_refused(tmp_path) -> None:
    loaded = load("invoice", write(tmp_path, f"{HEAD}\n{ROW}\n{ROW.replace('a1', 'a2')}\n"))
    known = loaded.tables["invoice"].slice(0, 1)
    rest = loaded.without({"invoice": known})
    assert ([r["invoice_id"] for r in rows(rest)], rest.copies) == (["a2"], 1)


# ── SQL ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "tax.db"
    with sqlite3.connect(path) as c:
        c.execute(f"CREATE TABLE fapiao ({HEAD})")
        row = ROW.split(",")
        c.execute("INSERT INTO fapiao VALUES (?,?,?,?,?,?,?)", row)
        c.execute("INSERT INTO fapiao VALUES (?,?,?,?,?,?,?)", [7, *row[1:4], "many", 1.5, row[6]])
    c.close()
    return f"sqlite:///{path}"


def test_rows_of_a_query(database) -> None:
    loaded = load("invoice", database, query="SELECT * FROM fapiao")
    assert rows(loaded)[0]["net"] == 10050
    assert errors(loaded) == [(2, "net", "not_money", "many")]
    again = load(
        "invoice", database, query="SELECT * FROM fapiao", mapping={"constants": {"net": 1}}
    )
    assert [r["net"] for r in rows(again)] == [100, 100]


def test_a_query_changes_nothing(database) -> None:
    before = fingerprint("invoice", database, query="SELECT * FROM fapiao")
    load("invoice", database, query="DELETE FROM fapiao RETURNING *")
    assert fingerprint("invoice", database, query="SELECT * FROM fapiao") == before
