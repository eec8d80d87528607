"""What is wrong with a rule is said by name, with its place, in both languages."""

import pickle
from datetime import date

import pyarrow as pa
import pytest

from liandong.errors import ExpressionError, InputError, UsageError
from liandong.schema.tables import TABLES
from liandong.watch.language import (
    Column,
    Judgement,
    RowJudge,
    columns,
    from_jsonlogic,
    in_force,
    names,
    parse,
    program,
    sql,
    to_jsonlogic,
    types,
)

SCHEMA = {
    "a": Column("int"), "d": Column("decimal"), "s": Column("text"), "f": Column("bool"),
    "sum_24h": Column("int"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "column", "found", "what"),
    [
        ("", 1, 1, "end of text", "a value is needed here"),
        ("a >", 1, 4, "end of text", "a value is needed here"),
        ("a >\n  && f", 2, 3, "&&", "a value is needed here"),
        ("// one\n a $ b", 2, 4, "$", "there is no such sign"),
        ("a & f", 1, 3, "&", "there is no such sign"),
        ("a = 1", 1, 3, "=", "there is no such sign"),
        ("(a > 1", 1, 7, "end of text", "`)` is needed here"),
        ("f ? a", 1, 6, "end of text", "`:` is needed here"),
        ("a > 1 b", 1, 7, "b", "the expression should end here"),
        ("s == 'x", 1, 6, "'x", "the text has no closing quote"),
        ("s == '\\q'", 1, 6, "\\q", "there is no such escape"),
        ("s == '\\ud800'", 1, 6, "\\ud800", "there is no such escape"),
        ("a > 1e5", 1, 5, "1e5", "it is neither a whole number nor a decimal"),
        ("a > 0x1F", 1, 5, "0x1F", "it is neither a whole number nor a decimal"),
        ("d > 0.1234567", 1, 5, "0.1234567", "more than 6 digits after the point"),
        ("a > 9223372036854775808", 1, 5, "9223372036854775808",
         "the number does not fit in 64 bits"),
        ("a > -9223372036854775809", 1, 6, "9223372036854775809",
         "the number does not fit in 64 bits"),
        ("d > 9223372036854.775808", 1, 5, "9223372036854.775808",
         "the number does not fit in 64 bits"),
        ("size(s) > 1", 1, 1, "size", "there is no such function"),
        ("s.matches('x')", 1, 3, "matches", "a text has no such function"),
        ("has()", 1, 1, "has", "it has the wrong number of arguments"),
        ("min(a) > 1", 1, 1, "min", "it has the wrong number of arguments"),
        ("a. > 1", 1, 4, ">", "a name is needed after the dot"),
        ("has > 1", 1, 5, ">", "`(` is needed here"),
        ("(" * 80 + "a", 1, 61, "(", "too many operators inside each other"),
        ("!" * 90 + "f", 1, 61, "!", "too many operators inside each other"),
        ("a" + " + a" * 90, 1, 239, "+", "too many operators inside each other"),
        ("f ||\n s == '\ud800'", 2, 8, "\\ud800", "there is no such sign"),
        ("a" * 10_001, 1, 1, "a" * 57 + "...", "the expression is longer than 10000 characters"),
    ],
)  # fmt: skip
def test_texts_that_cannot_be_read(text, line, column, found, what) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    _says(caught.value, line, column, found, what)


def _says(error: ExpressionError, line: int, column: int, found: str, what: str) -> None:
    said = error.params["found"]
    assert (error.params["line"], error.params["column"]) == (line, column)
    assert (said if isinstance(said, str) else said["en"]) == found
    assert error.params["what"]["en"] == what
    assert f"第 {line} 行第 {column} 列" in error.text("zh")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - our own bytes


@pytest.mark.parametrize(
    ("text", "column", "found", "what"),
    [
        ("sum_24 > 1", 1, "sum_24", "no window and no field has this name"),
        ("a > 1 && b.c", 10, "b.c", "no window and no field has this name"),
        ("a > 'x'", 5, '"x"', "a number is needed, but this is a text"),
        ("s == 1", 3, "s == 1", "a text and a whole number do not go together"),
        ("a in [1, 'x']", 3, 'a in [1, "x"]', "a whole number and a text do not go together"),
        ("a && f", 1, "a", "true or false is needed, but this is a whole number"),
        ("!(a + 1)", 3, "a + 1", "true or false is needed, but this is a whole number"),
        ("f + 1 > 2", 1, "f", "a number is needed, but this is true or false"),
        ("d % 2 == 1", 1, "d", "a whole number is needed, but this is a decimal"),
        ("a == null", 3, "a == null", "a comparison with null has never a result"),
        ("s.contains(null)", 2, "s.contains(null)", "a comparison with null has never a result"),
        ("null < a", 6, "null < a", "a comparison with null has never a result"),
        ("a / 0 > 1", 3, "a / 0", "it divides by zero"),
        ("a % -0 > 1", 3, "a % 0", "it divides by zero"),
        ("1 < d / 0.0", 7, "d / 0.0", "it divides by zero"),
        ("f ? s : s", 3, "f ? s : s", "a text cannot be the result of a choice"),
        ("f ? a : f", 3, "f ? a : f", "a whole number and true or false do not go together"),
        ("s.contains(s)", 12, "s", "only a constant text can stand here"),
        ("a.contains('x')", 1, "a", "a text is needed, but this is a whole number"),
    ],
)
def test_kinds_that_do_not_fit(text, column, found, what) -> None:
    with pytest.raises(ExpressionError) as caught:
        types(parse(text), SCHEMA)
    _says(caught.value, 1, column, found, what)


def test_the_nearest_names_are_told() -> None:
    with pytest.raises(ExpressionError, match="Nearest names: sum_24h"):
        types(parse("sum_42h > 1"), SCHEMA)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", "it is not JSON"),
        ('{">": [1, NaN]}', "neither a whole number nor a decimal"),
        ('{"map": [1, 2]}', "this operator of JSONLogic cannot be read"),
        ('{"+": ["1"], "-": 1}', "wrong number or form"),
        ('{"<": [1]}', "wrong number or form"),
        ('{"var": 1}', "wrong number or form"),
        ('{"var": "has"}', "wrong number or form"),
        ('{"var": "a b"}', "wrong number or form"),
        ("[1]", "wrong number or form"),
        ('"\\ud800"', "wrong number or form"),
        ("1e30", "does not fit in 64 bits"),
        ("-1e999999", "does not fit in 64 bits"),
        ("1e-999999", "more than 6 digits"),
        ("1.0000000000000000000000000000000000001", "more than 6 digits"),
        ("1e-30", "more than 6 digits"),
        ("1e999999999999999999999", "it is not JSON"),
        ("123456789012345678901", "does not fit in 64 bits"),
        ('{"!": ' * 70 + "1" + "}" * 70, "too many operators"),
        ("[" * 9_000, "it is not JSON"),
        ('"' + "a" * 10_000 + '"', "longer than"),
    ],
)
def test_jsonlogic_that_cannot_be_read(text, what) -> None:
    with pytest.raises(ExpressionError, match=what) as caught:
        from_jsonlogic(text)
    assert caught.value.text("zh")


def test_what_jsonlogic_cannot_say() -> None:
    with pytest.raises(ExpressionError, match=r"column 5, 'abs\(a\)': JSONLogic has no operator"):
        to_jsonlogic(parse("1 < abs(a)"))


def test_a_judgement_is_checked_when_it_is_made() -> None:
    with pytest.raises(ExpressionError, match="rule T1: a value is needed here"):
        Judgement(code="T1", when="a >", level="red")
    with pytest.raises(ExpressionError, match="rule T1: the rule refers to no window"):
        Judgement.from_toml('code = "T1"\nwhen = "1 < 2"\nlevel = "red"')
    with pytest.raises(UsageError, match="level"):
        Judgement.make(code="T1", when="a > 1", level="blue")


@pytest.mark.parametrize(
    ("when", "what"),
    [
        ("a + 1", "rule T1: true or false is needed, but this is a whole number"),
        ("b > 1", "rule T1: no window and no field has this name"),
        ("a / 0 > 1", "rule T1: it divides by zero"),
    ],
)
def test_a_judgement_that_does_not_fit_is_named(when, what) -> None:
    with pytest.raises(ExpressionError, match=what) as caught:
        program([Judgement(code="T1", when=when, level="red")], SCHEMA)
    assert "规则 T1" in caught.value.text("zh")


def test_versions_follow_each_other() -> None:
    old = Judgement(code="T1", when="a > 1", level="red", valid_to=date(2026, 6, 30))
    new = old.changed(when="a > 2", valid_from=date(2026, 7, 1), valid_to=None)
    other = Judgement(code="A1", when="f", level="yellow", text="看一看")
    assert in_force([new, old, other], date(2026, 6, 30)) == (other, old)
    assert in_force([old, other, new], date(2026, 7, 1)) == (other, new)
    assert len({r.id for r in (old, new, other)}) == 3
    assert Judgement.from_toml(new.to_toml()) == new
    with pytest.raises(UsageError, match="two versions of rule T1"):
        in_force([old, new.changed(valid_from=None)], date(2026, 6, 30))


def test_another_rule_is_judged_at_once() -> None:
    rows = pa.table({"a": [1, 2, 3], "f": [True, None, False]})
    rules = [Judgement(code="T1", when="a > 1", level="red")]
    assert program(rules, SCHEMA).judge(rows).tolist() == [[0, 1, 1]]
    rules.append(Judgement(code="T2", when="f || a > 2", level="red"))
    assert program(rules, SCHEMA).judge(rows).tolist() == [[0, 1, 1], [1, 2, 1]]


@pytest.mark.parametrize(
    "rows",
    [
        {"f": [True]},
        {"a": ["1"], "f": [True]},
        {"a": [1.5], "f": [True]},
        {"a": pa.array([2**64 - 1], pa.uint64()), "f": [True]},
        {"a": [1], "f": [1]},
    ],
)
def test_rows_that_do_not_fit_are_refused(rows) -> None:
    rule = Judgement(code="T1", when="a > 1 && f", level="red")
    with pytest.raises(InputError):
        program([rule], SCHEMA).judge(pa.table(rows))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"a": 2.5}, "column a has the type float"),
        ({"a": 1 << 63}, "column a has the type int"),
        ({"a": "2"}, "column a has the type str"),
        ({"s": 7}, "column s has the type int"),
        ({"s": None, "a": object()}, "column a has the type object"),
    ],
)
def test_one_row_that_does_not_fit_is_refused(changed, said) -> None:
    rule = Judgement(code="R", when="a > 1 && s == 'x' || d > 0.5", level="red")
    judge, row = RowJudge(program([rule], SCHEMA)), {"a": 2, "s": "x", "d": 0}
    assert judge(row).tolist() == [1]
    with pytest.raises(InputError, match=said):
        judge({**row, **changed})
    with pytest.raises(InputError, match="missing columns: a"):
        judge({"s": "x", "d": 0})
    assert judge({**row, "a": None}).tolist() == [2]
    assert judge(row).tolist() == [1]


def test_texts_come_as_they_are_or_coded() -> None:
    rule = Judgement(code="T1", when="s == 'x' || s == r || !has(s)", level="red")
    made = program([rule], {**SCHEMA, "r": Column("text")})
    given = pa.array(["x", "y", "y", None])
    other = pa.array(["a", "y", None, "z"], pa.large_string())
    rows = pa.table({"s": given.dictionary_encode(), "r": other})
    assert made.judge(rows).tolist() == [[1, 1, 2, 1]]
    numbers = pa.table({"s": [1], "r": ["x"]})
    with pytest.raises(InputError, match="column s has the type int64"):
        made.judge(numbers)


def test_nested_extremes_are_written_once_each() -> None:
    text = "a"
    for _ in range(20):
        text = f"min(2, max(1, {text}))"
    assert len(sql(types(parse(f"{text} > 1"), SCHEMA))) < 10_000


def test_fields_of_a_table_are_columns() -> None:
    found = columns(TABLES["invoice"])
    assert (found["net"].kind, found["net"].unit) == ("int", "fen")
    assert found["seller"].kind == "text"
    assert "date" not in found
    assert types(parse("net > 100 && seller == 'A'"), found).kind == "bool"
    assert names(parse("b > 1 && b < a")) == ("b", "a")
