"""The first run in a browser: a file is dropped, looked at, and loaded as a job."""

import csv
import io

import pytest

import liandong as ld
from liandong.load.mapping import read_mapping
from support.site import serving

FILE = (
    "发票号码,销方编号,购方编号,开票日期,金额（万元）,税额(元),发票状态,备注\n"
    "A1,F1,F2,2024-01-02,1.5,10,正常,x\n"
    "A2,F1,F2,2024/1/3,=1+1,10,作废,y\n"
)
DROP = """async ([body, name]) => {
  const bytes = Uint8Array.from(atob(body), (c) => c.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name));
  const form = document.querySelector("[data-drop]");
  form.dispatchEvent(new DragEvent("drop", {dataTransfer: data, cancelable: true, bubbles: true}));
}"""


@pytest.fixture
def fresh(tmp_path):
    with ld.open(tmp_path / "f.board", actor="ann") as board, serving(tmp_path / "f.board") as url:
        yield board, url


def test_from_an_empty_board_to_loaded_rows(fresh, look_at):
    import base64

    board, url = fresh
    seen = look_at(url, "/", lang="zh")
    page = seen.page
    page.get_by_role("link", name="从这里开始").first.click()
    body = base64.b64encode(FILE.encode("gb18030")).decode()
    page.wait_for_load_state("networkidle")
    page.evaluate(DROP, [body, "发票.csv"])
    page.wait_for_url("**/start/file?*")
    assert page.locator("select[name=table]").input_value() == "invoice"
    assert page.locator("select[name='c.net']").input_value() == "金额（万元）"
    assert page.locator("select[name='u.net']").input_value() == "万元"
    page.get_by_role("button", name="检查").click()
    page.wait_for_url("**check=1*")
    checked = page.locator("#checked").inner_text()
    assert "A1" in checked
    assert "=1+1" in checked
    with page.expect_download() as got:
        page.get_by_role("link", name="CSV").click()
    rows = list(csv.reader(io.StringIO(got.value.path().read_text("utf-8-sig"))))
    assert "'=1+1" in [v for row in rows for v in row]  # no formula for a spreadsheet
    with page.expect_download() as got:
        page.get_by_role("button", name="保存对应文件").click()
    mapping = read_mapping(got.value.path(), "invoice")
    assert mapping.columns["net"].unit == "万元"
    page.get_by_role("button", name="导入 1 行").click()
    page.wait_for_url("**/jobs?job=*")
    page.get_by_role("link", name="查看运行").wait_for(timeout=60_000)
    assert board.table("invoice").rows()[0]["net"] == 15_000_00
    # A page that turns out to be a download is one that was not gone to.
    assert not [f for f in seen.faults if "mapping.toml" not in f]
    again = look_at(url, "/start", lang="en", scripts=False).page
    again.set_input_files("input[type=file]", {"name": "发票.csv", "mimeType": "text/csv",
                                               "buffer": FILE.encode("gb18030")})  # fmt: skip
    again.get_by_role("button", name="Hand in and look").click()
    again.get_by_role("button", name="Check").click()
    assert "It replaces the 1 rows" in again.locator("#checked").inner_text()
