"""Rules: 50 of them over windows of many events, against plain Python and DuckDB."""

import time
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pyarrow as pa

from liandong.watch.language import Column, Judgement, Typed, evaluate, program, sql
from measure import figures

RULES = 50
SEED = 5
COUNTS = ("cnt_1h", "cnt_24h", "distinct_30d", "overdue_days")
AMOUNTS = ("sum_24h", "max_7d", "mean_30d", "std_30d")
RATES = ("velocity", "tax_drop")
SCHEMA = {
    **{n: Column("int") for n in COUNTS},
    **{n: Column("int", unit="fen") for n in AMOUNTS},
    **{n: Column("decimal", unit="rate") for n in RATES},
}


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    events = 200_000 if quick else 1_000_000
    table = _windows(events)
    texts = _rules(table)
    rules = [Judgement(code=f"R{i:02}", when=w, level="red") for i, w in enumerate(texts)]
    typed = [rule.checked(SCHEMA) for rule in rules]
    made = program(rules, SCHEMA)
    made.judge(table.slice(0, 10))
    columns = _encoded(table, made.inputs)
    fast, verdicts = _best(lambda: made.judge_encoded(*columns), 5)
    whole, _ = _best(lambda: made.judge(table), 3)
    found: dict[str, object] = {
        "events": events,
        "rules": RULES,
        "hits": int((verdicts == 1).sum()),
        "evaluations_per_s": events * RULES / fast,
        "evaluations_per_s_from_arrow": events * RULES / whole,
        "change_ms": _best(lambda: program(rules, SCHEMA), 5)[0] * 1e3,
        "one_row_us": _one_row(made, columns),
        "hard_evaluations_per_s": _hard(table),
    }
    found |= _reference(typed, table, verdicts)
    found |= _python(texts, table, verdicts, fast / events)
    return figures("rules", found | _duckdb(typed, table, verdicts, fast))


def _windows(events: int) -> pa.Table:
    """Return windows with the shapes that those of payments have: long tails, and shares."""
    rng = np.random.default_rng(SEED)
    drawn = {
        **{n: rng.geometric(0.2, events) - 1 for n in COUNTS},
        **{n: np.exp(rng.normal(12, 2, events)) for n in AMOUNTS},
        "velocity": rng.gamma(1, 1_000_000, events),
        "tax_drop": rng.random(events) * 1_000_000,
    }
    return pa.table({n: drawn[n].astype(np.int64) for n in SCHEMA})


def _rules(table: pa.Table) -> list[str]:
    """Return rules, half of one comparison and half of two or three, which few events meet."""
    rng = np.random.default_rng(SEED)
    columns = {n: np.sort(table[n].to_numpy()) for n in SCHEMA}

    def condition() -> str:
        name = str(rng.choice(list(SCHEMA)))
        value = int(columns[name][int(len(columns[name]) * rng.uniform(0.9, 0.995))])
        number = f"{value // 10**6}.{value % 10**6:06}" if name in RATES else str(value)
        return f"{name} {rng.choice(['>', '>='])} {number}"

    many = [1 if i < RULES // 2 else int(rng.integers(2, 4)) for i in range(RULES)]
    return [rng.choice([" && ", " || "]).join(condition() for _ in range(n)) for n in many]


def _encoded(table: pa.Table, inputs: tuple) -> tuple[np.ndarray, np.ndarray]:
    values = np.stack([table[i.names[0]].to_numpy() for i in inputs])
    return values, np.zeros(values.shape, np.uint8)


def _best(work: Callable[[], object], times: int) -> tuple[float, object]:
    """Return the least CPU seconds of some tries, and what came out."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        found = work()
        taken.append(time.process_time() - start)
    return min(taken), found


def _one_row(made: object, columns: tuple[np.ndarray, np.ndarray]) -> float:
    rows = [tuple(np.ascontiguousarray(c[:, i : i + 1]) for c in columns) for i in range(1_000)]
    seconds, _ = _best(lambda: [made.judge_encoded(*row) for row in rows], 5)
    return seconds / len(rows) * 1e6


def _hard(table: pa.Table) -> float:
    """Return evaluations a second of rules with arithmetic, nulls, and choices."""
    texts = [
        f"has(mean_30d) && sum_24h / mean_30d > {i}.5 || (cnt_1h > {i} ? velocity : tax_drop)"
        f" * 1.25 > 0.{i + 1} + velocity"
        for i in range(8)
    ]
    rules = [Judgement(code=str(i), when=w, level="red") for i, w in enumerate(texts)]
    made, gone = program(rules, SCHEMA), np.arange(table.num_rows) % 50 == 0
    means = pa.array(table["mean_30d"].to_numpy(), mask=gone)
    given = table.set_column(table.column_names.index("mean_30d"), "mean_30d", means)
    seconds, _ = _best(lambda: made.judge(given), 3)
    return table.num_rows * len(rules) / seconds


def _reference(typed: list[Typed], table: pa.Table, verdicts: np.ndarray) -> dict[str, object]:
    """Compare with the reference on events drawn from all."""
    drawn = np.random.default_rng(SEED).integers(0, table.num_rows, 500)
    rows = table.take(pa.array(drawn)).to_pylist()
    said = [[evaluate(t, row).value for row in rows] for t in typed]
    return {"equal_reference": bool((np.array(said) == verdicts[:, drawn]).all())}


def _python(
    texts: list[str], table: pa.Table, verdicts: np.ndarray, seconds: float
) -> dict[str, object]:
    """Compare with one Python function of all rules on whole numbers, which knows no nulls."""
    rows = [tuple(r.values()) for r in table.slice(0, 20_000).to_pylist()]
    signs = {"&&": "and", "||": "or"}
    words = [" ".join(_whole(w, signs) for w in text.split(" ")) for text in texts]
    scope: dict[str, Callable[..., tuple[bool, ...]]] = {}
    exec(f"def judge({', '.join(SCHEMA)}):\n    return ({', '.join(words)})", scope)  # noqa: S102
    judge = scope["judge"]
    taken, found = _best(lambda: [judge(*row) for row in rows], 3)
    equal = (verdicts[:, : len(rows)] == np.array(found).T).all()
    return {
        "python_evaluations_per_s": len(rows) * RULES / taken,
        "ratio_vs_python": taken / len(rows) / seconds,
        "equal_python": bool(equal),
    }


def _whole(word: str, signs: dict[str, str]) -> str:
    return str(int(word.replace(".", ""))) if "." in word else signs.get(word, word)


def _duckdb(
    typed: list[Typed], table: pa.Table, verdicts: np.ndarray, seconds: float
) -> dict[str, object]:
    """Compare with DuckDB on one thread, which writes a table of truths."""
    if find_spec("duckdb") is None:
        return {"duckdb": "missing"}
    import duckdb

    with duckdb.connect(config={"threads": 1}) as con:
        con.execute("SET enable_progress_bar = false")  # it would stand among the figures
        con.register("given", table)
        con.execute("CREATE TABLE event AS SELECT * FROM given")
        columns = ", ".join(f"{sql(t)} AS r{i:02}" for i, t in enumerate(typed))
        query = f"CREATE OR REPLACE TABLE verdict AS SELECT {columns} FROM event"
        taken, _ = _best(lambda: con.execute(query), 3)
        found = con.execute("SELECT * FROM verdict").fetchnumpy()
    equal = all((np.asarray(found[f"r{i:02}"]) == verdicts[i]).all() for i in range(len(typed)))
    return {
        "duckdb_evaluations_per_s": table.num_rows * RULES / taken,
        "ratio_vs_duckdb": taken / seconds,
        "equal_duckdb": equal,
    }
