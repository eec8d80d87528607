"""Checks of rows: each wrong value is told with its row, its reason and its remedy."""

import pyarrow as pa
import pytest

from liandong.schema.arrow import arrow_schema, build
from liandong.schema.checked import MAX_ERRORS_A_CHECK, merge
from liandong.schema.shapes import fits
from liandong.schema.tables import TABLES
from liandong.schema.validate import check_rows, validate


def invoices(**columns):
    rows = max((len(v) for v in columns.values()), default=1)
    base = {
        "invoice_id": [f"i{n}" for n in range(rows)], "seller": ["S"] * rows, "buyer": ["B"] * rows,
        "date": ["2020-01-02"] * rows, "net": ["10"] * rows, "tax": ["1"] * rows,
        "status": ["valid"] * rows,
    }  # fmt: skip
    return pa.table({**base, **columns})


def told(checked):
    return [(e["row"], e["field"], e["code"], e["value"]) for e in checked.errors.to_pylist()]


def test_good_rows_have_the_schema() -> None:
    checked = validate("invoice", invoices(), "f", 2)
    assert checked.good.schema.equals(arrow_schema("invoice"))
    assert checked.good.to_pylist()[0]["net"] == 1000
    assert (len(checked.errors), checked.bad_rows) == (0, 0)
    assert checked.origin.to_pylist() == [{"file": "f", "row": 2}]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("net", "abc", "not_money"), ("date", "2020-02-30", "not_date"),
        ("date", "1989-12-31", "out_of_range"), ("date", "2100-01-02", "out_of_range"),
        ("status", "paid", "not_a_choice"), ("seller", " ", "missing"), ("seller", None, "missing"),
        ("net", "10000000000000.01", "out_of_range"), ("tax", "1e14", "out_of_range"),
        ("net", "", "missing"), ("net", "-5", "negative_without_ref"),
    ],
)  # fmt: skip
def test_each_fault_is_told_once(field, value, code) -> None:
    checked = validate("invoice", invoices(**{field: [value]}), "f.csv", 2)
    assert told(checked) == [(2, field, code, value or None)]
    assert (len(checked.good), checked.bad_rows) == (0, 1)
    error = checked.errors.to_pylist()[0]
    assert all(error[f"{part}_{lang}"] for part in ("reason", "remedy") for lang in ("zh", "en"))


@pytest.mark.parametrize(
    ("shape", "good", "wrong"),
    [
        ("", '[1, {"a": null}]', "{a: 1}"),
        ("object", '{"a": [1]}', "[]"),
        ("words", '{"a": "b"}', '{"a": 1}'),
        ("texts", '["a", "乙"]', '["a", 1]'),
        ("numbers", "[1, 2]", "[true]"),
        ("rows", '{"table": "expense", "rows": ["e1"]}', '{"table": "no_such", "rows": []}'),
        ("rows", '{"table": "expense", "rows": []}', '{"table": "expense", "rows": "e1"}'),
        ("keys", '[["expense", "e1"]]', '[["expense", "e1", "e2"]]'),
        ("keys", "[]", '["expense"]'),
        ("", "{}", "[" * 100_000),
    ],
)
def test_json_has_the_shape_that_pages_go_by(shape, good, wrong) -> None:
    assert fits(good, shape)
    assert not fits(wrong, shape)


def test_json_of_another_shape_is_refused_with_an_example() -> None:
    flags = {"flag_id": ["F1", "F2"], "code": ["r1", "r1"], "subject_kind": ["tender"] * 2,
             "subject_id": ["T", "T"], "place": [1, 2], "items": [1, 1], "amount": ["1", "1"],
             "evidence": ['{"table": "expense", "rows": ["e1"]}', '["e1"]'],
             "reasons": ["[]", "[]"]}  # fmt: skip
    checked = validate("red_flag", pa.table(flags), "f.csv", 2)
    assert told(checked) == [(3, "evidence", "not_json_rows", '["e1"]')]
    assert '"rows"' in checked.errors.to_pylist()[0]["remedy_en"]
    assert checked.good["flag_id"].to_pylist() == ["F1"]


def test_negative_amounts_need_a_reason() -> None:
    data = invoices(
        net=["-5"] * 4, status=["valid", "valid", "red", "void"], ref=["", "i9", "", ""]
    )
    assert told(validate("invoice", data, "f")) == [(1, "net", "negative_without_ref", "-5")]


@pytest.mark.parametrize(
    ("table", "field"),
    [(t, f) for t in TABLES.values() for f in t.fields if f.kind == "money" and f.high is None],
    ids=lambda x: x.name,
)
def test_no_money_is_beyond_ten_trillion_yuan(table, field) -> None:
    for fen in (10**15 + 1, -(10**15) - 1):
        checked = validate(table.name, pa.table({field.name: [fen]}), "f")
        assert "out_of_range" in {e[2] for e in told(checked) if e[1] == field.name}
    checked = validate(table.name, pa.table({field.name: [10**15]}), "f")
    assert not [e for e in told(checked) if e[1] == field.name]


def test_a_row_with_several_faults_counts_once() -> None:
    checked = validate("invoice", invoices(net=["x"], date=["y"], status=["z"]), "f", 2)
    assert [c for _, _, c, _ in told(checked)] == ["not_date", "not_money", "not_a_choice"]
    assert checked.bad_rows == 1


def test_the_first_good_row_of_a_key_stays() -> None:
    data = invoices(invoice_id=["a", "a", "b", "a"], net=["bad", "2", "3", "4"])
    checked = validate("invoice", data, "f", 2)
    assert checked.good["net"].to_pylist() == [200, 300]
    assert told(checked) == [(2, "net", "not_money", "bad"), (5, "invoice_id", "duplicate", "a")]


def test_keys_of_several_fields() -> None:
    row = {"party_id": "p", "source": "bank", "measure": "m", "period": "2020", "value": 1.0}
    data = pa.Table.from_pylist([row, row | {"period": "2021"}, row | {"value": 2.0}])
    assert told(validate("signal", data, "f")) == [
        (3, "party_id+source+measure+period", "duplicate", "p / bank / m / 2020")
    ]


def test_check_digit_and_codes() -> None:
    data = pa.table({
        "party_id": ["1", "2", "3"], "kind": ["firm"] * 3,
        "credit_code": ["91350100M000100Y43", "91350100M000100Y44", None],
        "region_id": ["310000", "31", None], "industry": ["C39", "C3", "Z"],
    })  # fmt: skip
    assert told(validate("party", data, "f")) == [
        (2, "credit_code", "check_digit", "91350100M000100Y44"),
        (2, "industry", "not_industry", "C3"),
        (2, "region_id", "not_adcode", "31"),
        (3, "industry", "not_industry", "Z"),
    ]


def test_spans_and_bands() -> None:
    party = {"party_id": "p", "kind": "firm", "valid_from": "2020-01-02", "valid_to": "2020-01-01"}
    assert told(validate("party", pa.Table.from_pylist([party]), "f")) == [
        (1, "valid_to", "ends_before_start", "2020-01-01")
    ]
    product = {
        "product_id": "p", "lender_id": "l", "min_amount": "5", "max_amount": "4",
        "step_amount": "1", "min_rate": "5%", "max_rate": "4%", "term_months": "12",
        "capacity": "9", "funding_rate": "0", "operating_rate": "0", "lgd": "0",
        "guarantee_cover": "0",
    }  # fmt: skip
    codes = {
        (f, c)
        for _, f, c, _ in told(
            validate("product", pa.table({k: [v] for k, v in product.items()}), "f")
        )
    }
    assert codes == {("max_amount", "band_reversed"), ("max_rate", "band_reversed")}


def test_bounds_of_times() -> None:
    flow = {"flow_id": "1", "src_account": "a", "dst_account": "b", "amount": "1", "seq": "-1",
            "at": "1980-01-01", "kind": "transfer"}  # fmt: skip
    codes = [(f, c) for _, f, c, _ in told(validate("flow", pa.Table.from_pylist([flow]), "f"))]
    assert codes == [("at", "out_of_range"), ("seq", "out_of_range")]


def test_names_of_the_source_and_units() -> None:
    data = invoices(net=["1.5", "x"])
    checked = validate("invoice", data, "f", 2, units={"net": "万元"}, columns={"net": "金额"})
    assert checked.good["net"].to_pylist() == [1_500_000]
    assert told(checked) == [(3, "net (金额)", "not_money", "x")]


def test_row_numbers_may_be_given() -> None:
    rows = pa.array([7, 40])
    assert told(validate("invoice", invoices(net=["1", "x"]), "f", rows)) == [
        (40, "net", "not_money", "x")
    ]


def test_a_file_wrong_everywhere_is_counted_not_copied() -> None:
    rows = MAX_ERRORS_A_CHECK + 5
    checked = validate("invoice", invoices(net=["x"] * rows), "f", 2)
    assert len(checked.errors) == MAX_ERRORS_A_CHECK + 1
    last = checked.errors.to_pylist()[-1]
    assert (last["code"], last["value"], last["row"]) == ("more_like_this", "5", rows - 3)
    assert checked.bad_rows == rows


def test_no_rows() -> None:
    for name in ("invoice", "flow", "party", "score"):
        checked = validate(name, arrow_schema(name).empty_table(), "f")
        assert checked.good.schema.equals(arrow_schema(name))
        assert (len(checked.good), len(checked.errors), checked.bad_rows) == (0, 0, 0)


def test_repeats_over_files_are_told_with_their_file() -> None:
    parts = [check_rows("invoice", invoices(invoice_id=["a"]), f, 2) for f in ("1.csv", "2.csv")]
    checked = merge("invoice", parts).without_repeats()
    error = checked.errors.to_pylist()[0]
    assert (error["file"], error["row"], error["code"]) == ("2.csv", 2, "duplicate")
    assert (len(checked.good), checked.bad_rows) == (1, 1)


def test_rows_that_are_known_already() -> None:
    checked = validate("invoice", invoices(invoice_id=["a", "b", "c"]), "f", 2)
    known = checked.good.slice(0, 2).to_pylist()
    known[1]["net"] = 7
    rest, copies = checked.without_known(
        build("invoice", {n: [r[n] for r in known] for n in known[0]})
    )
    assert rest.good["invoice_id"].to_pylist() == ["c"]
    assert copies == 1  # a: the same fact again
    assert told(rest) == [(3, "invoice_id", "duplicate_elsewhere", "b")]
    assert rest.bad_rows == 1
    assert checked.without_known(known=checked.good.slice(0, 0)) == (checked, 0)
