"""Who is who: names in their parts, records of one firm, and what is never taken for one."""

from datetime import date

import pytest

from liandong.assess import ResolveRule, company_name, resolve
from liandong.assess.identity.compare import MOST_IN_BLOCK, pairs, records
from liandong.assess.identity.splink import splink_pairs
from liandong.errors import UsageError
from liandong.schema.arrow import build
from liandong.schema.names.company import normal
from liandong.step.reasons import reason_text
from liandong.types import credit_code_digit
from support.need import missing
from support.registers import doubled

DAY = date(2015, 3, 1)


def code(body: str) -> str:
    return body + credit_code_digit(body)


ONE, OTHER = code("91310000MA1K35X2X"), code("91310000MA1K35X3X")


def party(*rows):
    """Return firms of (id, name, code, region, founded)."""
    columns = ("party_id", "name", "credit_code", "region_id", "founded")
    return build("party", {
        "kind": ["firm"] * len(rows), **{c: [r[i] for r in rows] for i, c in enumerate(columns)}
    })  # fmt: skip


def found(data, **rule):
    rows = resolve(data, **rule)["same_party"].to_pylist()
    return {(r["left"], r["right"]): r for r in rows}


PARTS = [
    ("深圳市振业（集团）股份有限公司", ("深圳",), "振业", (), "集团股份有限公司", ""),
    ("华为技术(深圳)有限公司", ("深圳",), "华为", ("技术",), "有限公司", ""),
    ("浙江省绍兴市上虞区盛大化工厂", ("浙江", "绍兴", "上虞"), "盛大", ("化工",), "厂", ""),
    ("杭州雄健投资合伙企业（有限合伙）", ("杭州",), "雄健", ("投资",), "有限合伙", ""),
    ("广西柳州医药股份有限公司", ("广西",), "柳州", ("医药",), "股份有限公司", ""),
    ("某某银行股份有限公司上海分公司", (), "某某", ("银行",), "股份有限公司", "上海分公司"),
    (" ＡＢＣ Co., Ltd. ", (), "ABC", (), "有限公司", ""),
    ("", (), "", (), "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "region", "brand", "business", "form", "branch"), PARTS)
def test_a_name_is_taken_apart(name, region, brand, business, form, branch):
    assert company_name(name) == (region, brand, business, form, branch)
    assert normal(normal(name)) == normal(name)


def test_ways_of_writing_one_name_are_one_name():
    ways = ["上海联达科技有限公司", "上海市联达科技有限责任公司", "联达科技（上海）有限公司",
            "上海联达 科技有限公司", "上海聯".replace("聯", "联") + "达科技有限公司"]  # fmt: skip
    assert len({company_name(w).canonical for w in ways}) == 1
    data = party(*((f"P{i}", w, None, "310000", None) for i, w in enumerate(ways)))
    verdicts = {r["verdict"] for r in found(data).values()}
    assert verdicts == {"same"}
    assert {r["entity_id"] for r in found(data).values()} == {"P0"}


def test_the_code_decides_where_names_do_not():
    namesakes = party(("A", "上海联达科技有限公司", ONE, "310000", DAY),
                      ("B", "上海联达科技有限公司", OTHER, "310000", date(2020, 1, 1)))  # fmt: skip
    assert found(namesakes)["A", "B"]["verdict"] == "review"
    renamed = party(("A", "上海联达科技有限公司", ONE, "310000", DAY),
                    ("B", "上海远航网络有限公司", ONE, "310000", DAY))  # fmt: skip
    assert found(renamed)["A", "B"]["verdict"] == "same"
    wrong = ONE[:-1] + ("0" if ONE[-1] != "0" else "1")  # its check digit is off: it says nothing
    mistyped = party(("A", "上海联达科技有限公司", ONE, "310000", DAY),
                     ("B", "上海远航网络有限公司", wrong, "310000", None))  # fmt: skip
    assert not found(mistyped)


def test_a_brand_that_many_have_says_little():
    words = ["科技", "贸易", "物流", "食品", "纺织", "能源"] * 10
    common = [(f"C{i:03d}", f"大众{b}有限公司", None, "310000", None) for i, b in enumerate(words)]
    rare = [("R1", "上海罕见牌科技有限公司", None, "310000", DAY),
            ("R2", "罕见牌科技股份有限公司", None, "310000", DAY)]  # fmt: skip
    got = found(party(*common, *rare))
    points = {r["code"]: r["points"] for r in got["R1", "R2"]["reasons"]}
    assert points["same.brand_equal"] == 15  # .93 over 2 in 62
    assert set(got) == {("R1", "R2")}  # two of 60 with a common brand stay apart


def test_reasons_add_up_to_the_probability_and_have_words():
    data = party(("A", "上海联达科技有限公司", None, "310000", DAY),
                 ("B", "上海联达科技股份有限公司", None, "310000", DAY),
                 ("C", "北京别家食品有限公司", None, "110000", None))  # fmt: skip
    (row,) = found(data, twice="30%").values()
    decibans = -10 + sum(r["points"] for r in row["reasons"])  # 30 % of three records: 1 in 10
    expected = 1 / (1 + 10 ** (-decibans / 10))
    assert abs(row["probability"] / 1e6 - expected) < 0.02
    assert all("{" not in reason_text(r["code"], r["points"], "zh") for r in row["reasons"])


def test_records_of_another_register_are_found_and_nothing_else():
    data, truth = doubled()
    got = found(data)
    same = {pair for pair, r in got.items() if r["verdict"] == "same"}
    assert len(same & truth) >= 0.95 * len(truth)
    assert same <= truth


def test_splink_finds_them_too():
    try:
        import splink  # noqa: F401
    except ImportError:
        with pytest.raises(UsageError, match="splink"):
            splink_pairs(party(("A", "x", None, None, None)))
        missing("Splink", "pip install 'liandong[splink]'")
    data, truth = doubled()
    got = {(r["left"], r["right"]) for r in splink_pairs(data, 0.9).to_pylist()}
    assert len(got & truth) >= 0.85 * len(truth)
    assert len(got - truth) <= 0.1 * len(got)


def test_a_word_that_thousands_share_does_not_make_millions_of_pairs():
    rows = [(f"P{i:04d}", "上海大众科技有限公司", None, f"{11 + i % 30}0000", None)
            for i in range(10 * MOST_IN_BLOCK)]  # fmt: skip
    assert len(pairs(records(party(*rows).to_pylist()))) < 10 * MOST_IN_BLOCK**2 / 2


def test_shares_that_are_none_are_refused():
    with pytest.raises(UsageError, match="alike"):
        ResolveRule.make(alike={"code": (0.5, 0.6)})
    with pytest.raises(UsageError, match="chance"):
        ResolveRule.make(chance={**ResolveRule().chance, "code": (0.0, 1.0)})
