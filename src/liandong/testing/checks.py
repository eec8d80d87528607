"""What every step must hold; run it over your own steps too."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.board import open as open_board
from liandong.engine.local import LocalEngine
from liandong.errors import LiandongError
from liandong.schema.arrow import arrow_schema, empty
from liandong.schema.packing import packed
from liandong.schema.tables import table
from liandong.schema.validate import validate
from liandong.step import Rule, Step, Tables
from liandong.step.local import run_step

PARTS = (1, 2, 7)


def digest(data: pa.Table) -> str:
    """Hash the content of a table, bit for bit; what lies where a value is null does not count."""
    # Taking writes nothing there, while a file may be read with anything in the place of a null.
    data = data.take(pa.array(np.arange(len(data))))
    whole = pa.concat_tables([data, data.slice(0, 0)]).combine_chunks()
    return hashlib.sha256(packed(whole)).hexdigest()


def check_step(
    step: Step, given: Tables, rule: Rule | None = None, boards: Iterable[str] = ()
) -> None:
    """Hold a step to the conventions; AssertionError names the first that fails.

    Parameters
    ----------
    step
        The step.
    given
        Tables it reads, valid and not all empty.
    rule
        Its rule; the defaults if None.
    boards
        Locations of empty boards (folders or PostgreSQL URLs) on which to run it as well.

    Notes
    -----
    Same input, same bytes; order of rows and 1, 2 or 7 parts change nothing; threads and boards
    give the same; written tables are valid, with reasons where the schema has them; empty input
    gives empty output or a refusal in words; inputs stay as they are.
    """
    chosen = rule if rule is not None else step.rule.make()
    before = {n: digest(t) for n, t in given.items()}
    first = run_step(step, given, chosen, 1)
    _valid(step, first)
    for parts in PARTS:
        shuffled = {n: _shuffled(t, parts) for n, t in given.items()}
        found = run_step(step, shuffled, chosen, parts)
        if _differing(first, found):  # which of the two is it?
            _same(step, f"{parts} parts", first, run_step(step, given, chosen, parts))
        _same(step, f"other row order, {parts} parts", first, found)
    _same(step, "threads", first, LocalEngine(2, parts=3).run(step, given, chosen))
    for location in boards:
        _same(step, f"board {location}", first, on_board(step, given, chosen, location))
    _empty(step, chosen)
    after = {n: digest(t) for n, t in given.items()}
    _hold(before == after, step, "it changed its input")
    _hold(step.rule.from_toml(chosen.to_toml()) == chosen, step, "its rule does not survive TOML")
    _hold(bool(step.doc.strip()), step, "it has no docstring")


BY_STORE = ("run_id", "book_time")
"""Fields that the store fills in."""


def on_board(step: Step, given: Tables, rule: Rule, location: str) -> Tables:
    """Run a step on a board that holds just ``given``, and return what the board then shows."""
    lake = None if not location.startswith("postgresql") else Path.cwd() / "lake"
    with open_board(location, actor="check", lake=lake) as board:
        board.put("check", given)
        if step.approval:
            board.acting("other").approve(board.propose(step))
        board.run(step, rule=rule)
        return {n: _as_written(step, board.table(n).arrow(), rule) for n in step.writes}


def _as_written(step: Step, data: pa.Table, rule: Rule) -> pa.Table:
    """Return the rows as the step gave them, without what the board adds."""
    names = data.column_names
    if "toml" in names:  # the board keeps the rule of the run itself there, too
        data = data.filter(pc.not_equal(data["rule_id"], rule.id))
    for name in BY_STORE:
        if name in names:
            _hold(data[name].null_count == 0, step, f"a row has no {name}")
            field = data.schema.field(name)
            data = data.set_column(names.index(name), field, pa.nulls(len(data), field.type))
    return data


def _hold(ok: bool, step: Step, what: str) -> None:  # noqa: FBT001 - a condition
    if not ok:
        raise AssertionError(f"{step.name}: {what}")


def _same(step: Step, when: str, left: Tables, right: Tables) -> None:
    for name in _differing(left, right):
        _hold(ok=False, step=step, what=f"{name} differs ({when})")


def _differing(left: Tables, right: Tables) -> list[str]:
    return [n for n, data in left.items() if digest(data) != digest(right[n])]


def _shuffled(data: pa.Table, seed: int) -> pa.Table:
    return data.take(pa.array(np.random.default_rng(seed).permutation(len(data))))


def _valid(step: Step, out: Tables) -> None:
    _hold(set(out) == set(step.writes), step, f"it wrote {sorted(out)}")
    for name, data in out.items():
        _hold(data.schema.equals(arrow_schema(name)), step, f"the schema of {name} differs")
        errors = validate(name, data, "check").errors.to_pylist()
        _hold(not errors, step, f"{name} is not valid: {errors[:1]}")
        if "reasons" in table(name).names:
            _hold(all(data["reasons"].to_pylist()), step, f"{name} has a row without reasons")


def _empty(step: Step, rule: Rule) -> None:
    nothing = {n: empty(n) for n in step.reads}
    work: Callable[[], Tables] = lambda: run_step(step, nothing, rule, 2)  # noqa: E731
    try:
        out = work()
    except LiandongError as error:
        _hold(bool(error.text("zh") and error.text("en")), step, "its refusal has no words")
    else:
        _hold(all(len(t) == 0 for t in out.values()), step, "it makes rows out of nothing")
