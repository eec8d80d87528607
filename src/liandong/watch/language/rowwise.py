"""Rules on one row at a time, without a table."""

import struct
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any, NamedTuple, Self

import numpy as np

from liandong.kernels.streams.bound import bound
from liandong.kernels.streams.exact import MISSING
from liandong.kernels.streams.judging import judge_bound
from liandong.watch.language.compiling import Program
from liandong.watch.language.inputs import Input, Int, State, absent, misfit, told

Value = int | str | None
Row = Mapping[str, Value]

KNOWN_TEXTS = 4_096
"""So many different texts a test remembers."""


class Room(NamedTuple):
    """Room to judge one row: what :func:`.run_one` takes."""

    steps: Int
    values: Int
    truths: State
    out: State

    @classmethod
    def of(cls, program: Program) -> Self:
        """Return room for a program, with its constants in place."""
        first, fixed = len(program.inputs), len(program.constants)
        values = np.zeros(first + program.registers, np.int64)
        truths = np.zeros(first + program.registers, np.uint8)
        values[first : first + fixed] = program.constants
        truths[first : first + fixed] = program.none
        return cls(program.steps, values, truths, np.zeros(program.rules, np.uint8))


class RowJudge:
    """Judges rows one at a time, in one thread: what :meth:`.Program.judge` says of each.

    Parameters
    ----------
    program
        From :func:`.compiled` or :func:`.program`.

    Examples
    --------
    >>> from liandong.watch.language import Column, Judgement, program
    >>> rule = Judgement(code="L", when="paid > 2 && kind == 'loan'", level="red")
    >>> made = program([rule], {"paid": Column("int"), "kind": Column("text")})
    >>> judge = RowJudge(made)
    >>> judge({"paid": 3, "kind": "loan"}).tolist(), judge({"paid": None, "kind": "loan"}).tolist()
    ([1], [2])
    """

    def __init__(self, program: Program) -> None:
        many = len(program.inputs)
        self._inputs = program.inputs
        self._read = _reader(program.inputs)
        self._pack = struct.Struct(f"={many}q").pack_into
        room = Room.of(program)
        self._table, self._room = bound(*room), room
        self._columns, self._states = room.values.data, room.truths[:many]
        self._nulls = False

    def __call__(self, row: Row) -> State:
        """Return the verdict of each rule on a row.

        Parameters
        ----------
        row
            A value for each name: integers (decimals in millionths), bools, texts; None is null.

        Raises
        ------
        InputError
            If a name is missing, or its value is of another kind or beyond 64 bits.
        """
        try:
            found = self._read(row)
        except KeyError as error:
            raise absent(str(error.args[0]), list(row)) from error
        if self._nulls or None in found:
            self._states[:] = [MISSING if v is None else 0 for v in found]
            self._nulls = None in found
            found = [v or 0 for v in found]
        try:
            self._pack(self._columns, 0, *found)
        except struct.error as error:
            raise self._misfit(found) from error
        judge_bound(self._table)
        return self._room.out.copy()

    def _misfit(self, found: Sequence[Value]) -> Exception:
        """Return the error that names what does not fit."""
        low, high = -(1 << 63), (1 << 63) - 1
        bad = [n for n, v in enumerate(found) if not (isinstance(v, int) and low <= v <= high)]
        return misfit(self._inputs[bad[0]].names, type(found[bad[0]]).__name__)


def _reader(inputs: Sequence[Input]) -> Callable[[Row], Sequence[Value]]:
    """Return what reads all inputs from a row."""
    if len(inputs) > 1 and all(one.node.op == "name" for one in inputs):
        return itemgetter(*(one.node.value for one in inputs))
    readers = [_reader_of(one) for one in inputs]
    return lambda row: [read(row) for read in readers]


def _reader_of(one: Input) -> Callable[[Row], Value]:
    return itemgetter(one.node.value) if one.node.op == "name" else tested(one, one.names)


def tested(one: Input, places: Sequence[Any]) -> Callable[[Any], bool | None]:
    """Return a test of texts as a function of what they are in, at a place for each name."""
    return partial(_tested, one.names, places, lru_cache(KNOWN_TEXTS)(partial(told, one)))


def _tested(
    names: tuple[str, ...],
    places: Sequence[Any],
    test: Callable[[tuple[str | None, ...]], bool | None],
    row: Any,  # noqa: ANN401 - a mapping or a sequence
) -> bool | None:
    texts = tuple([row[p] for p in places])
    for name, text in zip(names, texts, strict=True):
        if not (text is None or isinstance(text, str)):
            raise misfit((name,), type(text).__name__)
    return test(texts)
