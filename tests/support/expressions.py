"""Random expressions whose kinds fit, and rows for them: nulls and extremes among them."""

from collections.abc import Callable
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import strategies as st

from liandong.watch.language import Call, Column, Expression, Literal, Name, Typed, sql

SCHEMA = {
    **{n: Column("int", f"数{n}", f"number {n}") for n in ("a", "b", "c")},
    "paid": Column("int", "24 小时内付款合计", "paid within 24 hours", "fen"),
    **{n: Column("decimal", f"比{n}", f"rate {n}", "rate") for n in ("p", "q")},
    **{n: Column("text", f"文{n}", f"text {n}") for n in ("s", "t")},
    **{n: Column("bool", f"真{n}", f"truth {n}") for n in ("f", "other.known")},
}
ARROW = {"int": pa.int64(), "decimal": pa.int64(), "text": pa.string(), "bool": pa.bool_()}
SIGNS = ("==", "!=", "<", "<=", ">", ">=")
TESTS = ("startsWith", "endsWith", "contains")
TEXTS = ["", "a", "ab", "ba", "A", "中文", "'\"\\", "%_", "a\nb", "a\0", "😀"]
EDGES = [0, 1, -1, 2, -3, 10**6, -(10**6), 999_999, 2**31, 2**53 + 1, 9_223_372_036_854]
EDGES += [9_223_372_036_855, 2**62, -(2**62), 2**63 - 1, -(2**63), 3_037_000_500]

whole = st.one_of(st.sampled_from(EDGES), st.integers(-9, 9), st.integers(-(2**63), 2**63 - 1))
texts = st.sampled_from(TEXTS)


def _values(kind: str) -> st.SearchStrategy:
    base = {"text": texts, "bool": st.booleans()}.get(kind, whole)
    return st.one_of(st.none(), base, base, base)


rows = st.lists(
    st.fixed_dictionaries({n: _values(c.kind) for n, c in SCHEMA.items()}), min_size=1, max_size=12
)


def table(some: list[dict]) -> pa.Table:
    """Return rows as a table of the schema."""
    return pa.table({
        n: pa.array([r[n] for r in some], ARROW[c.kind]) for n, c in SCHEMA.items()
    })  # fmt: skip


def _names(kind: str) -> st.SearchStrategy[Expression]:
    return st.sampled_from([n for n, c in SCHEMA.items() if c.kind == kind]).map(Name)


def _leaf(kind: str) -> st.SearchStrategy[Expression]:
    if kind == "bool":
        return st.one_of(_names(kind), st.integers(0, 1).map(lambda v: Literal("bool", v)))
    return st.one_of(_names(kind), whole.map(lambda v: Literal(kind, v)))


NULL = Literal("null", None)
Draw = Callable[[st.SearchStrategy], Any]


def _divisor(node: Expression) -> Expression:
    """Return a part that may stand after a slash: a constant zero may not."""
    zero = isinstance(node, Literal) and node.value == 0
    return Literal(node.kind, 3) if zero else node


@st.composite
def numbers(draw: Draw, depth: int, kind: str) -> Expression:
    """Draw an int or a decimal, with operators up to ``depth`` inside each other."""
    signs = ("%",) if kind == "int" else ("/", "+int", "-int", "*int")
    op = draw(st.sampled_from(("leaf", "+", "-", "*", "neg", "abs", "min", "max", "?:", *signs)))
    if depth == 0 or op == "leaf":
        return draw(_leaf(kind))

    def part(of: str = kind) -> Expression:
        return draw(numbers(depth - 1, of))

    if op == "?:":
        args = (draw(truths(depth - 1)), part(draw(st.sampled_from(("int", kind)))), part())
        return Call(op, draw(st.sampled_from((args, args, (*args[:2], NULL)))))
    if op == "/":
        of = draw(st.sampled_from(("int", "decimal")))
        return Call(op, (part(), _divisor(part(of))))
    if op in {"neg", "abs"}:
        return Call(op, (part(),))
    if op in {"min", "max"}:
        return Call(op, tuple(part() for _ in range(draw(st.integers(2, 3)))))
    right = part("int" if op.endswith("int") else kind)
    return Call(op[0], (part(), _divisor(right) if op == "%" else right))


@st.composite
def _text(draw: Draw, least: int = 0) -> Expression:
    """Draw a text: a constant, or a name if ``least`` is 0."""
    constant = Literal("text", draw(texts))
    return constant if least or draw(st.booleans()) else draw(_names("text"))


@st.composite
def _of_texts(draw: Draw, op: str) -> Expression:
    if op in TESTS:
        return Call(op, (draw(_text()), draw(_text(1))))
    return Call("in", tuple(draw(_text()) for _ in range(draw(st.integers(1, 3)))))


@st.composite
def truths(draw: Draw, depth: int) -> Expression:
    """Draw what is true or false, with operators up to ``depth`` inside each other."""
    ops = ("leaf", *SIGNS, *SIGNS, *TESTS, "&&", "||", "in", "in text", "!", "?:", "has", "same")
    op = draw(st.sampled_from(ops))
    if depth == 0 or op == "leaf":
        return draw(_leaf("bool"))

    def number() -> Expression:
        return draw(numbers(depth - 1, draw(st.sampled_from(("int", "decimal")))))

    def truth() -> Expression:
        return draw(truths(depth - 1))

    if op in SIGNS:
        return Call(op, (number(), number()))
    if op in TESTS or op == "in text":
        return draw(_of_texts(op))
    if op in {"&&", "||", "in"}:
        part = number if op == "in" else truth
        return Call(op, tuple(part() for _ in range(draw(st.integers(2, 3)))))
    if op == "?:":
        return Call(op, (truth(), truth(), draw(st.sampled_from((truth(), NULL)))))
    if op == "same":
        sides = draw(st.sampled_from(((truth(), truth()), (draw(_text()), draw(_text())))))
        return Call(draw(st.sampled_from(("==", "!="))), sides)
    asked = draw(st.sampled_from((number, truth, lambda: draw(_text())))) if op == "has" else truth
    return Call(op, (asked(),))


def asked(typed: list[Typed], some: pa.Table) -> list[tuple]:
    """Return what DuckDB makes of expressions, row by row."""
    with duckdb.connect(config={"threads": 1}) as con:
        con.register("given", some)
        found = ", ".join(f"{sql(t)} AS r{i}" for i, t in enumerate(typed))
        return con.execute(f"SELECT {found} FROM given").fetchall()
