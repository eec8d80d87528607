"""Input that cannot be used: the message says what and what to do, in both languages."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from liandong.errors import DataError, UsageError
from liandong.load import load

HEAD = "invoice_id,seller,buyer,date,net,tax,status\n"
ROW = "a1,S,B,2020-01-02,100,6,valid\n"


def refusal(path, **options):
    with pytest.raises(DataError) as caught:
        load("invoice", path, **options)
    return caught.value.text("zh"), caught.value.text("en")


def write(folder, body, name="my.csv"):
    path = folder / name
    path.write_bytes(body if isinstance(body, bytes) else body.encode())
    return path


def test_a_missing_file(tmp_path) -> None:
    zh, en = refusal(tmp_path / "no.csv")
    assert zh == f"数据无法使用（{tmp_path}/no.csv）：没有这个文件。请核对路径"
    assert en == f"cannot use {tmp_path}/no.csv: there is no such file. Check the path."


def test_a_folder_in_place_of_a_file(tmp_path) -> None:
    zh, en = refusal(tmp_path)
    assert "这是文件夹" in zh
    assert "Name one file in it" in en


@pytest.mark.parametrize("body", ["", " \n\n", "\ufeff", HEAD, HEAD + ",,,,,,\n"])
def test_an_empty_file(tmp_path, body) -> None:
    zh, en = refusal(write(tmp_path, body))
    assert "文件里没有数据行" in zh
    assert en.endswith("it has no rows. See whether the export was complete.")


def test_missing_columns_are_named_with_what_is_there(tmp_path) -> None:
    zh, en = refusal(write(tmp_path, "invoice_id,销方,金额\n1,2,3\n"))
    assert "缺少列：buyer (购方 / Buyer), date (开票日期 / Date), net" in zh
    assert "现有列：invoice_id, 销方, 金额" in zh
    assert "missing columns: buyer (购方 / Buyer), date" in en
    assert "present: invoice_id, 销方, 金额" in en
    assert "liandong load --template" in zh
    assert "liandong load --template" in en


def test_a_mapped_column_that_is_not_there(tmp_path) -> None:
    path = write(tmp_path, HEAD + ROW)
    zh, en = refusal(path, mapping={"columns": {"net": "金额"}})
    assert "缺少列：金额 (net)" in zh
    assert "missing columns: 金额 (net)" in en


def test_a_wrong_encoding_is_told_with_its_byte(tmp_path) -> None:
    body = (HEAD + ROW).encode() + b"a2,\xff\xff,"
    at = len((HEAD + ROW).encode()) + 3
    zh, en = refusal(write(tmp_path, body))
    assert f"既不是 UTF-8（第 {at} 字节处不符），也不是 GB18030（第 {at} 字节处不符）" in zh
    assert f"neither UTF-8 (wrong at byte {at}) nor GB18030 (wrong at byte {at})" in en
    zh, en = refusal(write(tmp_path, (HEAD + ROW + "a2,甲,\n").encode("gb18030")), encoding="utf-8")
    assert f"编码不是指定的 utf-8（第 {at} 字节处不符）" in zh
    assert f"not in the given encoding utf-8 (wrong at byte {at})" in en


def test_a_workbook(tmp_path) -> None:
    old = b"\xd0\xcf\x11\xe0" + b"x" * 600
    page = b"\xef\xbb\xbf<html><table></table></html>"
    for body, name in (
        (b"PK\x03\x04...", "my.csv"),
        (old, "my.xls"),
        (old, "my.xlsx"),
        (page, "my.xls"),
    ):
        zh, en = refusal(write(tmp_path, body, name))
        assert "不是 .xlsx 文件，而是旧式（.xls）" in zh
        assert "请另存为不带密码的 .xlsx" in zh
        assert "of another kind. Save it as .xlsx without a password" in en
    assert "it has no rows" in refusal(write(tmp_path, "a header alone"))[1]


def test_a_file_that_is_no_parquet(tmp_path) -> None:
    zh, en = refusal(write(tmp_path, "not a Parquet file", "my.parquet"))
    assert "不是 Parquet 文件" in zh
    assert "not a Parquet file: Parquet magic bytes not found" in en


def test_an_empty_parquet_file(tmp_path) -> None:
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), tmp_path / "my.parquet")
    assert "it has no rows" in refusal(tmp_path / "my.parquet")[1]


def test_a_header_that_names_a_column_twice(tmp_path) -> None:
    zh, en = refusal(write(tmp_path, "net,a, net\n1,2,3\n"))
    assert "重名的列：net" in zh
    assert "names a column twice: net" in en


@pytest.mark.parametrize(
    ("toml", "zh", "en"),
    [
        ("[columns", "不是合法的 TOML", "not TOML"),
        ("[columns]\nnett = 'a'", "没有字段 nett", "has no field nett; it has: invoice_id"),
        ("[columns]\nnet = {colum = 'a'}", "columns.net", "wrong at columns.net"),
        ("[column]\nnet = 'a'", "映射文件 column 处有误", "wrong at column:"),
        ("[columns]\nnet = {column = 'net', unit = 'USD'}", "单位“USD”未知", "unknown unit 'USD'"),
        ("[columns]\ndate = {column = 'date', unit = '元'}", "单位“元”未知", "unknown unit '元'"),
    ],
)
def test_a_wrong_mapping_file(tmp_path, toml, zh, en) -> None:
    path, mapping = write(tmp_path, HEAD + ROW), write(tmp_path, toml, "my.toml")
    told = refusal(path, mapping=mapping)
    assert zh in told[0]
    assert en in told[1]
    assert all(str(mapping) in text for text in told)


def test_a_missing_mapping_file(tmp_path) -> None:
    path = write(tmp_path, HEAD + ROW)
    assert "没有这个文件" in refusal(path, mapping=tmp_path / "no.toml")[0]


def test_a_failed_query(tmp_path) -> None:
    zh, en = refusal(f"sqlite:///{tmp_path}/x.db", query="SELECT * FROM absent")
    assert "查询失败" in zh
    assert "no such table: absent" in en


def test_a_database_out_of_reach_shows_no_password() -> None:
    zh, en = refusal("postgresql://me:secret@127.0.0.1:1/db", query="SELECT 1")
    assert "postgresql+psycopg://me:***@127.0.0.1:1/db" in en
    assert "secret" not in zh + en


def test_wrong_database_urls() -> None:
    with pytest.raises(UsageError, match="nosuch"):
        load("invoice", "nosuch://me:secret@host/db", query="SELECT 1")
    with pytest.raises(UsageError, match="driver"):
        load("invoice", "mysql://me:secret@host/db", query="SELECT 1")


@pytest.mark.parametrize("source", ["cumcm2020c", "berka", "amlsim"])
def test_a_folder_that_lacks_files(tmp_path, source) -> None:
    with pytest.raises(DataError) as caught:
        load(source, tmp_path / "no")
    assert "没有这个文件夹" in caught.value.text("zh")
    with pytest.raises(DataError) as caught:
        load(source, tmp_path)
    assert str(tmp_path) in caught.value.text("en")


@pytest.mark.parametrize(("source", "names"), [("sba", "sba*.parquet"), ("nbs", "分省*.csv")])
def test_a_folder_without_any_file_of_the_source(tmp_path, source, names) -> None:
    with pytest.raises(DataError) as caught:
        load(source, tmp_path)
    assert names in caught.value.text("en")


# ── rows: each wrong one with its reason in both languages ──────────────────────────────────────


@pytest.mark.parametrize(
    ("row", "zh", "en"),
    [
        ("a2,S,B,2020-01-02,abc,6,valid", "“abc”不是以元为单位", "'abc' is not an amount of yuan"),
        ("a1,S,B,2020-01-02,1,6,valid", "编号“a1”重复", "the id 'a1' occurs twice"),
        ("a2,S,B,1890-01-02,1,6,valid", "“1890-01-02”超出允许范围", "'1890-01-02' is out of range"),
        ("a2,S,B,2020-01-02,-1,6,valid", "没有说明冲销哪一笔", "does not say what it reverses"),
        ("a2,S,,2020-01-02,1,6,valid", "缺少必填值", "a required value is missing"),
        ("a2,S,B,2020-01-02,1,6", "本行列数与表头不符：6 ≠ 7", "another number of columns"),
    ],
)
def test_wrong_rows(tmp_path, row, zh, en) -> None:
    loaded = load("invoice", write(tmp_path, HEAD + ROW + row + "\n"))
    assert len(loaded.tables["invoice"]) == 1
    assert loaded.refused == {"invoice": 1}
    (error,) = loaded.errors.to_pylist()
    assert (error["file"], error["row"]) == ("my.csv", 3)
    assert zh in error["reason_zh"]
    assert en in error["reason_en"]
    assert error["remedy_zh"]
    assert error["remedy_en"]


def test_a_wrong_check_digit(tmp_path) -> None:
    body = "party_id,kind,credit_code\n1,firm,91350100M000100Y44\n"
    (error,) = load("party", write(tmp_path, body)).errors.to_pylist()
    assert error["reason_zh"] == "统一社会信用代码“91350100M000100Y44”校验位不符"
    assert error["reason_en"] == "the check digit of credit code '91350100M000100Y44' is wrong"
    assert "GB 32100" in error["remedy_zh"]
    assert "GB 32100" in error["remedy_en"]
