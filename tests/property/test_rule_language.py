"""Four backends say the same of random rules and rows; texts come back as the same trees."""

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liandong.errors import ExpressionError
from liandong.kernels.streams import judging
from liandong.watch.language import (
    Call,
    Literal,
    RowJudge,
    compiled,
    evaluate,
    from_jsonlogic,
    parse,
    plain,
    sql,
    to_jsonlogic,
    types,
    write,
)
from support.expressions import SCHEMA, asked, numbers, rows, table, truths

CODES = {"": None, "missing": 2, "overflow": 3, "zero": 4}
calm = settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])


def _code(outcome) -> int:
    return CODES[outcome.reason] or outcome.value


@calm
@given(st.lists(truths(3), min_size=1, max_size=4), rows)
def test_the_kernel_and_duckdb_say_what_the_reference_says(rules, some) -> None:
    typed = [types(rule, SCHEMA) for rule in rules]
    made = compiled(typed)
    verdicts, one = made.judge(table(some)), RowJudge(made)
    assert (np.stack([one(row) for row in some], axis=1) == verdicts).all()
    answers = asked(typed, table(some))
    for i, rule in enumerate(typed):
        for j, row in enumerate(some):
            said = evaluate(rule, row)
            assert verdicts[i, j] == _code(said), (write(rules[i]), row)
            assert answers[j][i] == (None if said.reason else bool(said.value)), (sql(rule), row)


@calm
@given(numbers(3, "int") | numbers(3, "decimal"), rows)
def test_numbers_are_the_same_to_the_last_digit(rule, some) -> None:
    typed = types(rule, SCHEMA)
    said = [evaluate(typed, row) for row in some]
    assert [r[0] for r in asked([typed], table(some))] == [s.value for s in said]
    for row, one in zip(some, said, strict=True):
        wanted = Literal(typed.kind, 0 if one.value is None else one.value)
        verdict = compiled([types(Call("==", (rule, wanted)), SCHEMA)]).judge(table([row]))
        assert verdict[0, 0] == (CODES[one.reason] or 1), (write(rule), row)


@calm
@given(truths(4) | numbers(4, "decimal"))
def test_the_text_of_a_tree_is_read_as_the_same_tree(rule) -> None:
    assert parse(write(rule)) == rule
    assert write(parse(write(rule))) == write(rule)


@calm
@given(truths(3), rows)
def test_what_goes_to_jsonlogic_comes_back_with_the_same_meaning(rule, some) -> None:
    try:
        text = to_jsonlogic(rule)
    except ExpressionError as error:
        assert error.params["what"]["en"] == "JSONLogic has no operator for it"  # noqa: PT017
        return
    one, other = (types(r, SCHEMA) for r in (rule, from_jsonlogic(text)))
    for row in some:
        assert evaluate(one, row) == evaluate(other, row), text


@calm
@given(truths(3))
def test_plain_words_are_there_for_all(rule) -> None:
    for lang in ("zh", "en"):
        words = plain(types(rule, SCHEMA), lang)
        assert words.strip()
        assert "{" not in words


@calm
@given(st.text(max_size=40) | st.text("ab1.0&|!?:()[]in<>= \"'-+*/%,\n", max_size=60))
def test_any_text_is_read_or_refused_by_name(text) -> None:
    try:
        assert parse(write(parse(text))) == parse(text)
    except ExpressionError as error:
        assert error.params["line"] >= 1  # noqa: PT017
        assert error.params["column"] >= 1  # noqa: PT017


@calm
@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["var", "and", "!", "in", "+", "if", ">", "x"]), inner),
    max_leaves=12,
))  # fmt: skip
def test_any_json_is_read_or_refused_by_name(node) -> None:
    import json

    try:
        assert parse(write(from_jsonlogic(json.dumps(node)))) is not None
    except ExpressionError as error:
        assert error.text("zh") != error.text("en")  # noqa: PT017


@settings(deadline=None, max_examples=30)
@given(st.lists(truths(2), min_size=1, max_size=3), rows, st.integers(1, 3000))
def test_blocks_do_not_matter(rules, some, count) -> None:
    program = compiled([types(rule, SCHEMA) for rule in rules])
    index = np.arange(count) % len(some)
    many = table(some).take(pa.array(index))
    assert (program.judge(many) == program.judge(table(some))[:, index]).all()
    assert judging.BLOCK < 3000


@calm
@given(st.lists(truths(3), min_size=1, max_size=3), rows)
def test_a_row_alone_is_judged_as_among_others(rules, some) -> None:
    program = compiled([types(rule, SCHEMA) for rule in rules])
    alone = [program.judge(table([row]))[:, 0] for row in some]
    twice = program.judge(table(some + some))
    assert (twice == np.array(alone + alone).T).all()
