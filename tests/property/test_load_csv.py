"""A CSV file is read as it was written, in each encoding and with each delimiter."""

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.load.sheet import read_csv

# Every character but line ends, which a CSV file may write in several ways, and halves of pairs.
CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=8)
ROWS = st.lists(st.tuples(st.from_regex(r"[a-z0-9]{1,5}", fullmatch=True), CELL, CELL), min_size=1)
HEADER = ["编号", "名称", '引"号,与\t符;号']


def write(path, rows, encoding, delimiter, end="\n"):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows([HEADER, *rows])
    path.write_bytes(text.getvalue().encode(encoding))


@settings(max_examples=80, deadline=None)
@given(
    ROWS,
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_round_trip(tmp_path_factory, rows, encoding, delimiter, end) -> None:
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    write(path, rows, encoding, delimiter, end)
    # Whether GB18030 is recognised is a question of its own: some of it is UTF-8 by accident.
    sheet = read_csv(path, encoding, delimiter)
    assert sheet.data.column_names == HEADER
    assert [tuple(r.values()) for r in sheet.data.to_pylist()] == [tuple(r) for r in rows]
    assert sheet.rows.to_pylist() == list(range(2, len(rows) + 2))
    assert sheet.faults is None


CHINESE = st.text(st.sampled_from("销方购金额税甲乙丙丁有限公司贸易商行"), min_size=4, max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CHINESE, CHINESE), min_size=1, max_size=9))
def test_encodings_are_told_apart(tmp_path_factory, rows) -> None:
    folder = tmp_path_factory.mktemp("csv")
    found = []
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        path = folder / f"{encoding}.csv"
        write(path, [(*r, "") for r in rows], encoding, ",")
        found.append(read_csv(path).data.to_pylist())
    assert found[0] == found[1] == found[2]
    assert [(r["编号"], r["名称"]) for r in found[0]] == rows
