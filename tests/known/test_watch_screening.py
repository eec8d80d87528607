"""Screening: known answers of the literature and worked by hand; and the planted firms."""

from datetime import date
from importlib.util import find_spec

import numpy as np
import pytest

from liandong.errors import MissingExtraError
from liandong.kernels.names.alike import jaro_winkler
from liandong.schema.arrow import build
from liandong.step.reasons import reason_text
from liandong.types import credit_code_digit
from liandong.watch import NameIndex, screen
from liandong.world import make
from support.need import missing
from support.worlds import truths

CODE = "91350100M000100Y43"
OTHER_CODE = "91310000MA1K35X2X" + credit_code_digit("91310000MA1K35X2X")
FIRMS = [
    "上海恒泰贸易有限公司", "北京恒泰贸易有限公司", "上海恒泰科技有限公司", "恒泰集团有限公司",
    "深圳华信达科技股份有限公司", "张小明", "王伟",
]  # fmt: skip
LATIN = ["John Smith", "María José Peñalver", "Łódź Trading Co., Ltd.", "Li Bo", "Jean Luc Picard"]


def told(found: list) -> list[tuple[int, int, dict[str, int]]]:
    """Return row, points and reasons of matches."""
    return [
        (m.row, m.score // 10_000, {c.removeprefix("watch.screening_"): p for c, p in m.reasons})
        for m in found
    ]


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [("MARTHA", "MARHTA", 0.961), ("DWAYNE", "DUANE", 0.840), ("DIXON", "DICKSONX", 0.813)],
)
def test_jaro_winkler_of_the_literature(one: str, other: str, likeness: float) -> None:
    words = (np.array([ord(c) for c in w], np.int32) for w in (one, other))
    assert round(jaro_winkler(*words), 3) == likeness


CHINESE = [
    ("上海恒泰贸易有限公司", 0, 100, {"whole": 95, "form": 5}),
    ("恒泰贸易(上海)有限责任公司", 0, 100, {"whole": 95, "form": 5}),
    ("上海恒泰贸易", 0, 98, {"whole": 95, "form_unknown": 3}),
    ("上海恒泰贸易有线公司", 0, 99, {"whole": 95, "form_close": 4}),
    ("上海恒太贸易有限公司", 0, 82, {"whole_close": 85, "short": -8, "form": 5}),
    ("上海泰恒贸易有限公司", 0, 82, {"whole_close": 85, "short": -8, "form": 5}),
    ("上每恒泰贸易有限公司", 0, 82, {"whole_close": 85, "short": -8, "form": 5}),
    ("恒泰科技有限公司", 2, 92, {"brand": 50, "place_unknown": 12, "business": 25, "form": 5}),
    ("上海恒泰有限公司", 0, 87, {"brand": 50, "place": 20, "business_unknown": 12, "form": 5}),
    ("深圳华信大科技股份有限公司", 4, 90, {"whole_close": 85, "form": 5}),
    ("张小明", 5, 100, {"whole": 95, "form": 5}),
    ("张晓明", 5, 67, {"brand_close": 38, "place_unknown": 12, "business_unknown": 12, "form": 5}),
    ("王伟", 6, 90, {"whole": 95, "short": -10, "form": 5}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "row", "points", "reasons"), CHINESE)
def test_chinese_names(name: str, row: int, points: int, reasons: dict[str, int]) -> None:
    first = told(NameIndex(FIRMS).find(name, most=1))
    assert first == [(row, points, reasons)]


def test_a_short_brand_may_differ_only_where_nothing_else_does() -> None:
    index = NameIndex(["上海恒泰贸易有限公司"])
    forms = {"有限公司": 82, "": 80, "股份有限公司": 77}
    found = {f: told(index.find(f"上海恒太贸易{f}"))[0][1] for f in forms}
    assert found == forms


def test_a_namesake_elsewhere_or_in_another_trade_is_no_hit() -> None:
    found = told(NameIndex(FIRMS).find("上海恒泰贸易有限公司"))
    assert [(row, points) for row, points, _ in found] == [(0, 100), (3, 74), (1, 70), (2, 65)]
    assert found[2][2] == {"brand": 50, "place_other": -10, "business": 25, "form": 5}
    assert found[3][2] == {"brand": 50, "place": 20, "business_other": -10, "form": 5}


@pytest.mark.parametrize(
    ("name", "row", "points", "reasons"),
    [
        ("SMITH, John", 0, 98, {"words": 100, "order": -2}),
        ("Jhon Smith", 0, 97, {"words": 56, "near": 41}),
        ("J. Smith", 0, 78, {"words": 56, "initial": 22}),
        ("Maria Jose Penalver", 1, 100, {"words": 100}),
        ("Maria Penalver", 1, 85, {"words": 76, "missing": 9}),
        ("LODZ TRADING", 2, 100, {"words": 100}),
        ("Bo Li", 3, 98, {"words": 100, "order": -2}),
        ("ｊｏｈｎ　ｓｍｉｔｈ", 0, 100, {"words": 100}),
    ],
)
def test_latin_names(name: str, row: int, points: int, reasons: dict[str, int]) -> None:
    assert told(NameIndex(LATIN).find(name, most=1)) == [(row, points, reasons)]


@pytest.mark.parametrize(
    "name", ["", " ", "。", "A", "恒", "李", "Lu Bo", "上海", "有限公司", "9", "\ud800"]
)
def test_names_of_next_to_nothing_are_no_hit(name: str) -> None:
    assert NameIndex([*FIRMS, *LATIN, "", "。"]).find(name, least=800_000) == []


def test_the_code_comes_first() -> None:
    index = NameIndex(FIRMS, [CODE])
    assert told(index.find("随便什么名称", CODE)) == [(0, 100, {"code": 100})]
    same = told(index.find(FIRMS[0], OTHER_CODE))
    assert (0, 70, {"whole": 95, "form": 5, "code_other": -30}) in same
    mistyped = CODE[:-1] + "4"  # its check digit is wrong, so that it says nothing
    assert told(index.find(FIRMS[0], mistyped, most=1)) == [(0, 100, {"whole": 95, "form": 5})]


def test_sounds() -> None:
    if find_spec("pypinyin") is None:
        with pytest.raises(MissingExtraError):
            NameIndex(FIRMS, pinyin=True)
        missing("pypinyin", "pip install 'liandong[pinyin]'")
    index = NameIndex([*FIRMS, "Zhang Xiaohong", "重庆长城银行"], pinyin=True)
    for name, row, points, reason in [
        ("Shanghai Hengtai Maoyi Youxian Gongsi", 0, 92, "pinyin"),
        ("hengtai keji", 2, 84, "pinyin_no_place"),
        ("Xiaoming Zhang", 5, 90, "pinyin_turned"),
        ("张晓红", 7, 92, "pinyin"),
        ("Chongqing Changcheng Yinhang", 8, 92, "pinyin"),
        ("上海衡太贸易有限公司", 0, 90, "brand_sound"),
    ]:
        first = told(index.find(name, most=1))[0]
        assert first[:2] == (row, points), name
        assert reason in first[2]


def test_planted_firms_are_found_with_words_for_every_reason() -> None:
    world = make(firms=2_500, months=12, seed=41)
    day = max(world["project"]["asked_on"].to_pylist())
    hits = screen(world["party"], world["watchlist"], as_of=day)["screening_hit"].to_pylist()
    planted = {
        (t["subject"], t["object"]): t["detail"]["way"] for t in truths(world, "listed_party")
    }
    assert len(set(planted.values())) == 5
    assert planted.keys() <= {(h["party_id"], h["entry_id"]) for h in hits}
    assert len(hits) < len(planted) + 0.02 * len(world["party"])
    for reason in (r for h in hits for r in h["reasons"]):
        for lang in ("zh", "en"):
            points = f"{reason['points']:+d}".replace("-", "−")
            assert points in reason_text(reason["code"], reason["points"], lang)


def test_a_party_is_told_once_for_each_entry() -> None:
    party = build("party", {"party_id": ["P"], "kind": ["firm"], "name": ["上海恒泰贸易有限公司"],
                            "name_en": ["Shanghai Hengtai Trading Co., Ltd."]})  # fmt: skip
    listed = build("watchlist", {
        "list_id": ["a"] * 3, "entry_id": ["1", "1", "2"],
        "name": ["上海恒太贸易有限公司", "Hengtai Trading Shanghai", "上海恒泰贸易"],
    })  # fmt: skip
    rows = screen(party, listed, as_of=date(2026, 1, 1))["screening_hit"].to_pylist()
    assert [(r["entry_id"], r["listed"], r["score"]) for r in rows] == [
        ("1", "Hengtai Trading Shanghai", 980_000), ("2", "上海恒泰贸易", 980_000),
    ]  # fmt: skip
