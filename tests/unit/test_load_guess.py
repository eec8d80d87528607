"""What a file might be: the table and the columns are guessed by names, labels and values."""

import pytest

from liandong.load.guess import guess, likely_tables
from liandong.load.sheet import read_sheet
from liandong.schema.tables import table

HEADS = {
    "zh": "发票号码,销方编号,购方编号,开票日期,金额（万元）,税额(元),发票状态,备注",
    "labels": "发票编号,销方,购方,开票日期,不含税金额（万元）,税额,状态,备注",
    "en": "Invoice No,Seller ID,Buyer ID,Invoice date,Net amount (fen),Tax,Status,Remark",
}
WANTED = ("invoice_id", "seller", "buyer", "date", "net", "tax", "status")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("heads", HEADS)
def test_heads_in_both_languages(tmp_path, heads, encoding):
    path = tmp_path / "a.csv"
    rows = "A1,F1,F2,2024-01-02,1.5,10,正常,好\nA2,F1,F2,2024/1/3,1.5,10,作废,\n"
    path.write_bytes(f"{HEADS[heads]}\n{rows}".encode(encoding))
    sheet = read_sheet(path)
    assert likely_tables(sheet.data.column_names)[0][0] == "invoice"
    found = guess(sheet, table("invoice"))
    names = sheet.data.column_names
    assert [found[f].column for f in WANTED] == names[:7]
    assert found["ref"].column == ""
    assert found["net"].unit == {"zh": "万元", "labels": "万元", "en": "fen"}[heads]
    if heads == "labels":
        assert all(found[f].confidence == 100 for f in WANTED)


def test_firms_without_numbers_of_their_own_are_still_firms():
    heads = "统一社会信用代码,企业名称,法定代表人,成立日期,注册资本（万元）,行政区划代码,行业代码"
    assert likely_tables(heads.split(","))[0][0] == "party"


def test_values_that_do_not_fit_speak_against_a_column(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("date,day\nyesterday,2024-01-02\nbefore,2024-01-03\n", "utf-8")
    assert guess(read_sheet(path), table("invoice"))["date"].column == ""


def test_every_field_is_found_by_its_own_name(tmp_path):
    for name in ("party", "flow", "loan", "region_stat"):
        spec = table(name)
        path = tmp_path / f"{name}.csv"
        path.write_text(",".join(spec.names) + "\n" + "," * (len(spec.names) - 1) + "x\n", "utf-8")
        assert likely_tables(spec.names)[0][1] == 100
        found = guess(read_sheet(path), spec)
        assert all(g.column in {n, ""} for n, g in found.items())
