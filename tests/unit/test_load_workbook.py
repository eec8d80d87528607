"""Workbooks: cells as they stand in a spreadsheet, refused rows, files that are no good."""

import json
import zipfile
from datetime import date

import pytest

from liandong.errors import DataError
from liandong.load import load
from liandong.load import workbook as reader
from liandong.load.guess import need_modest
from liandong.load.sheet import read_sheet
from liandong.load.workbook import read_workbook, sheets_of
from support.command import call
from support.workbooks import rows, text, workbook

HEAD = text("a", "b")
SHARED = (
    "<si><t>00123</t></si><si><r><t>华</t></r><r><t xml:space='preserve'> 一</t></r>"
    "<rPh sb='0' eb='1'><t>ホウ</t></rPh></si>"
)


def cell(value: object, style: int = 0, kind: str = "n") -> str:
    """Return a cell that names no place."""
    return f'<c s="{style}" t="{kind}"><f>A1+1</f><v>{value}</v></c>'


@pytest.mark.parametrize(
    ("held", "shown"),
    [
        (cell(0, kind="s"), "00123"), (cell(1, kind="s"), "华 一"), (text("0&1"), "0&1"),
        (cell("007", kind="str"), "007"), (cell(5), "5"), (cell("5.0"), "5"),
        (cell("1234567890123"), "1234567890123"), (cell("0.30000000000000004"), "0.3"),
        (cell("1.0E-7"), "0.0000001"), (cell("-1234.5600000000001"), "-1234.56"),
        (cell("123456789012.34"), "123456789012.34"), (cell(1, kind="b"), "true"),
        (cell(110000, 3), "110000"), (cell(1234, 3), "001234"), (cell("1234.5", 5), "1234.5"),
        (cell(45473, 1), "2024-06-30"), (cell(45473, 2), "2024-06-30"),
        (cell("45473.520833333336", 4), "2024-06-30 12:30:00"), (cell("0.5", 4), "12:00:00"),
        (cell("45473.99999999999", 1), "2024-07-01"), (cell(59, 1), "1900-02-28"),
        (cell(61, 1), "1900-03-01"), (cell("2024-06-30", kind="d"), "2024-06-30"),
    ],
)  # fmt: skip
def test_cells_are_read_as_they_stand(tmp_path, held: str, shown: str) -> None:
    sheet = read_workbook(workbook(tmp_path / "w.xlsx", SHARED, s=rows(HEAD, text("x") + held)))
    assert sheet.data.to_pylist() == [{"a": "x", "b": shown}]


def test_rows_keep_their_numbers_and_sheets_their_names(tmp_path) -> None:
    placed = (
        '<c r="B7"/><row r="3"><c r="B3" t="inlineStr"><is><t>b</t></is></c></row>'
        '<row r="5"><c r="B5" s="1"/></row><row r="9"><c r="B9"><v>1</v></c></row>'
        '<row r="1048576"><c r="B1048576"><v>2</v></c></row>'
    )
    sheet = f"<x:worksheet xmlns:x='main'><sheetData>{placed}</sheetData></x:worksheet>"
    other = rows(text("a"), text("other"))
    path = workbook(tmp_path / "w.XLSX", more='date1904="1"', _old=other, 甲=sheet, other=other)
    assert sheets_of(path) == ["甲", "other", "_old"]
    found = read_sheet(path)
    assert found.data.select(["b"]).to_pylist() == [{"b": "1"}, {"b": "2"}]
    assert found.rows.to_pylist() == [9, 1048576]
    assert read_sheet(path, sheet="other").data.to_pylist() == [{"a": "other"}]
    day = workbook(path, more='date1904="1"', s=rows(text("a"), cell(1, 1)))
    assert read_sheet(day).data.to_pylist() == [{"a": "1904-01-02"}]
    with pytest.raises(DataError, match="no sheet 乙, but: s"):
        read_sheet(day, sheet="乙")


def test_a_workbook_is_loaded_and_wrong_rows_are_told(tmp_path) -> None:
    good = cell(310000) + text("上海", "province")
    sheet = rows(
        text("region_id", "name", "level"), good, "",
        cell("#N/A", kind="e") + text("x", "province"),
        cell("11010519491231002") + text("x", "province"),
        good + text("stray"), text("320000", "江苏", "nothing"), text("330000", "浙江", "province"),
    )  # fmt: skip
    loaded = load("region", workbook(tmp_path / "r.xlsx", s=sheet), sheet="s")
    assert loaded.tables["region"]["name"].to_pylist() == ["上海", "浙江"]
    told = {e["row"]: (e["field"], e["value"]) for e in loaded.errors.to_pylist()}
    assert told == {
        4: ("region_id", "#N/A"), 5: ("region_id", "11010519491231002"),
        6: ("*", "4 ≠ 3"), 7: ("level", "nothing"),
    }  # fmt: skip
    assert "15 digits" in next(e["reason_en"] for e in loaded.errors.to_pylist() if e["row"] == 5)
    code, out, err = call("-b", tmp_path / "b.board", "load", "region", tmp_path / "r.xlsx",
                          "--sheet", "s", "--json", cwd=tmp_path)  # fmt: skip
    assert (code, json.loads(out)["counts"]["region"]) == (0, 2), err
    days = rows(text("invoice_id", "日期"), text("1") + cell(45473, 2))
    read = read_workbook(workbook(tmp_path / "d.xlsx", s=days)).data
    assert date.fromisoformat(read["日期"][0].as_py()) == date(2024, 6, 30)


FAR = '<row><c r="XFD1048576"><v>1</v></c></row>'
WRONG = {
    "far": (rows(HEAD).replace("</sheetData>", FAR + "</sheetData>"), None),
    "wide": (rows('<c r="XFD1"><v>1</v></c>', *['<c r="B2"><v>1</v></c>'] * 2000), "too large"),
    "one row": (rows("<c><v>1</v></c>" * 17_000), "16384"),
    "long": (rows(HEAD, *[cell(0, kind="s")] * 200), "too large"),
    "entities": ('<!DOCTYPE x [<!ENTITY e "e">]><x>&e;</x>', "DOCTYPE"),
    "blank": (rows(), "no rows"),
    "head alone": (rows(HEAD), "no rows"),
    "twice": (rows(text("a", "a"), text("1")), "more than once|twice"),
    "no XML": ("<worksheet>", "no element found|not an .xlsx"),
    "no place": (rows('<c r="1A"><v>1</v></c>'), "1A"),
    "no number": (rows(HEAD, cell("x")), "could not convert"),
    "no text": (rows(HEAD, cell(99, kind="s")), "list index"),
}  # fmt: skip


@pytest.mark.parametrize("how", WRONG)
def test_what_is_no_good_is_refused_within_bounds(tmp_path, monkeypatch, how: str) -> None:
    monkeypatch.setattr(reader, "MOST_CELLS", 1_000_000)
    monkeypatch.setattr(reader, "MOST_TEXT", 1_000_000)
    sheet, said = WRONG[how]
    path = workbook(tmp_path / "w.xlsx", f"<si><t>{'x' * 10_000}</t></si>", s=sheet)
    if said is None:
        assert read_workbook(path).faults.to_pylist()[0]["value"] == "16384 ≠ 2"
    else:
        with pytest.raises(DataError, match=said):
            read_workbook(path)


def test_files_that_are_none(tmp_path) -> None:
    path = workbook(tmp_path / "w.xlsx", s=rows(HEAD, text("1", "2")))
    whole = path.read_bytes()
    for body in (b"", b"a,b\n", whole[: len(whole) // 2], b"\xd0\xcf\x11\xe0" + b"x" * 600):
        path.write_bytes(body)
        with pytest.raises(DataError):
            read_workbook(path)
        assert sheets_of(path) == []
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("word/document.xml", "<x/>")
    with pytest.raises(DataError, match=r"workbook\.xml\.rels"):
        read_workbook(path)
    (tmp_path / "w.csv").write_bytes(whole)
    with pytest.raises(DataError, match=r"no \.xlsx"):
        read_sheet(tmp_path / "w.csv")
    path.write_bytes(whole)
    need_modest(path, 10_000)
    with pytest.raises(DataError, match="unpacks"):
        need_modest(workbook(path, f"<si><t>{'x' * 10_000}</t></si>", s=rows(HEAD)), 10_000)
