"""Rules on one row at a time, without a table."""

import struct
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from operator import itemgetter

import numpy as np

from liandong.kernels.streams.bound import bound
from liandong.kernels.streams.judging import MISSING, judge_bound
from liandong.watch.language.compiling import Program
from liandong.watch.language.inputs import Input, State, absent, misfit, told

Value = int | str | None
Row = Mapping[str, Value]

KNOWN_TEXTS = 4_096
"""So many different texts a test remembers."""


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
        self._inputs, self._registers = program.inputs, program.registers
        self._read = _reader(program.inputs)
        self._pack = struct.Struct(f"={many}q").pack_into
        columns, self._states = np.zeros((many, 1), np.int64), np.zeros((many, 1), np.uint8)
        out = np.zeros((program.rules, 1), np.uint8)
        self._table = bound(
            program.steps, program.constants, program.none, columns, self._states, out
        )
        self._columns, self._out = columns.data, out[:, 0]
        self._nulls = False
        self._program = program

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
            self._states[:, 0] = [MISSING if v is None else 0 for v in found]
            self._nulls = None in found
            found = [v or 0 for v in found]
        try:
            self._pack(self._columns, 0, *found)
        except struct.error as error:
            raise self._misfit(found) from error
        judge_bound(self._table, self._registers)
        return self._out.copy()

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
    if one.node.op == "name":
        return itemgetter(one.node.value)
    return partial(_tested, one.names, lru_cache(KNOWN_TEXTS)(partial(told, one)))


def _tested(
    names: tuple[str, ...], test: Callable[[tuple[Value, ...]], bool | None], row: Row
) -> bool | None:
    texts = tuple(row[n] for n in names)
    for name, text in zip(names, texts, strict=True):
        if not (text is None or isinstance(text, str)):
            raise misfit((name,), type(text).__name__)
    return test(texts)
