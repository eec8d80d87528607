"""Random expressions whose kinds fit, and rows for them: nulls and extremes among them."""

from collections.abc import Callable

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


def _call(op: str, *args: st.SearchStrategy) -> st.SearchStrategy[Expression]:
    return st.tuples(*args).map(lambda a: Call(op, a))


def _many(op: str, item: st.SearchStrategy, least: int) -> st.SearchStrategy[Expression]:
    some = st.lists(item, min_size=least, max_size=3)
    return some.map(lambda a: Call(op, tuple(a)))


def _no_zero(node: Call) -> bool:
    right = node.args[1]
    return not (isinstance(right, Literal) and right.value == 0)


def numbers(depth: int, kind: str) -> st.SearchStrategy[Expression]:
    """Return expressions that are ints or decimals."""
    leaf = _leaf(kind)
    if depth == 0:
        return leaf
    below: Callable[[str], st.SearchStrategy] = lambda k: numbers(depth - 1, k)  # noqa: E731
    same, any_ = below(kind), st.one_of(below("int"), below("decimal"))
    plain = [_call(op, same, same) for op in ("+", "-", "*")]
    plain += [_many(op, same, 2) for op in ("min", "max")]
    plain += [_call(op, same) for op in ("neg", "abs")]
    null = st.just(Literal("null", None))
    plain += [_call("?:", truths(depth - 1), same, st.one_of(same, same, null))]
    if kind == "int":
        plain.append(_call("%", same, same).filter(_no_zero))
    else:
        plain.append(_call("/", any_, any_).filter(_no_zero))
        plain += [_call(op, same, below("int")) for op in ("+", "-", "*")]
        plain.append(_call("?:", truths(depth - 1), below("int"), same))
    return st.one_of(leaf, *plain)


def truths(depth: int) -> st.SearchStrategy[Expression]:
    """Return expressions that are true or false."""
    leaf = _leaf("bool")
    if depth == 0:
        return leaf
    below = truths(depth - 1)
    number = st.one_of(numbers(depth - 1, "int"), numbers(depth - 1, "decimal"))
    text = st.one_of(_names("text"), texts.map(lambda v: Literal("text", v)))
    pattern = texts.map(lambda v: Literal("text", v))
    signs = [_call(op, number, number) for op in ("==", "!=", "<", "<=", ">", ">=")]
    of_texts = [_call(op, text, pattern) for op in ("startsWith", "endsWith", "contains")]
    of_texts += [_call(op, text, text) for op in ("==", "!=")]
    chains = [_many(op, below, 2) for op in ("&&", "||")]
    return st.one_of(
        leaf,
        *signs,
        *signs,
        *chains,
        *of_texts,
        _many("in", number, 1),
        _many("in", text, 1),
        _call("!", below),
        _call("?:", below, below, st.one_of(below, st.just(Literal("null", None)))),
        _call("has", st.one_of(number, text, below)),
        *(_call(op, below, below) for op in ("==", "!=")),
    )


def asked(typed: list[Typed], some: pa.Table) -> list[tuple]:
    """Return what DuckDB makes of expressions, row by row."""
    with duckdb.connect(config={"threads": 1}) as con:
        con.register("given", some)
        found = ", ".join(f"{sql(t)} AS r{i}" for i, t in enumerate(typed))
        return con.execute(f"SELECT {found} FROM given").fetchall()
