"""The tree of a voucher: every fen of a parent's children is drawn, and nothing overlaps."""

from itertools import pairwise
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from liandong.console.cells import Cells
from liandong.console.query import Query
from liandong.console.trees import drawn, tree
from support.boards import HOSTILE


@st.composite
def lots(draw):
    """Draw a voucher that is split at random."""
    rows = [_lot(0, None, draw(st.integers(1, 10**6)), 0)]
    for n in range(1, draw(st.integers(1, 30))):
        parent = rows[draw(st.integers(0, len(rows) - 1))]
        if parent["left"]:
            amount = draw(st.integers(1, parent["left"]))
            parent["left"] -= amount
            rows.append(_lot(n, parent["lot_id"], amount, parent["depth"] + 1))
    return rows


def _lot(n, parent, amount, depth):
    return {"lot_id": f"a{n}#1", "parent_id": parent, "holder_id": f"H{n}", "name": HOSTILE,
            "name_en": None, "state": "open", "amount": amount, "left": amount,
            "depth": depth}  # fmt: skip


@given(lots(), st.integers(1, 40))
def test_what_is_drawn_is_all_there_is(rows, most) -> None:
    boxes = tree(rows, most)
    assert sum(b["lots"] for b in boxes if b["lot_id"]) == min(most, len(rows))
    for i, b in enumerate(boxes):
        if b["lot_id"]:
            children = [r["amount"] for r in rows if r["parent_id"] == b["lot_id"]]
            assert sum(c["amount"] for c in boxes if c["parent"] == i) == sum(children)
            row = next(r for r in rows if r["lot_id"] == b["lot_id"])
            above = None if b["parent"] is None else boxes[b["parent"]]["lot_id"]
            assert (above, b["layer"]) == (row["parent_id"], row["depth"])
    places = sorted((b["layer"], b["line"]) for b in boxes)
    assert all(a[0] != b[0] or b[1] - a[1] >= 1 for a, b in pairwise(places))


def test_a_hostile_name_is_only_a_name() -> None:
    rows = [_lot(0, None, 500, 0), _lot(1, "a0#1", 300, 1), _lot(2, "a0#1", 100, 1),
            _lot(3, "a0#1", 50, 1)]  # fmt: skip
    for lang, words in (("en", "2 other lots"), ("zh", "其余 2 个批次")):
        picture = str(drawn(tree(rows, 2), Query({}, "/voucher/V"), Cells(lang, {}, {})))
        found = ET.fromstring(picture)  # noqa: S314 - our own drawing
        assert len(list(found.iter("rect"))) == 3
        assert [a.attrib["href"] for a in found.iter("a")] == [
            "/voucher/V?lot=a0%231#chain", "/voucher/V?lot=a1%231#chain"
        ]  # fmt: skip
        titles = [t.text for t in found.iter("title")]
        assert HOSTILE in titles[0]
        assert titles[2] == f"{words} · 1.50"
