"""Many rules over many rows: a program of small steps, each over a block of rows at a time.

A value is an int64 and a state; a truth is a state alone: FALSE, TRUE, or why it is null. The
program is data, so that another rule needs nothing compiled. Rows are taken in blocks that stay in
the cache; within a block each step is a loop without branches, where its arithmetic allows.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.streams.bound import byte_line, grid, line
from liandong.kernels.streams.exact import (
    MISSING,
    OVERFLOW,
    in_millionths,
    order,
    product,
    product_of_millionths,
    quotient_in_millionths,
    remainder,
)

Int = NDArray[np.int64]
State = NDArray[np.uint8]

FALSE, TRUE = 0, 1
BLOCK = 1024
"""Rows a block: a register of values has 8 KB."""

# Comparisons of two values; +6 of a value with the constant of the step; +12 of a whole number
# with millionths, whose constant is 1 where the millionths came first: their null is the reason.
EQ, NE, LT, LE, GT, GE = range(6)
WITH_CONSTANT, MIXED = 6, 12
AND, OR, NOT, SAME, DIFFERENT, CHOOSE_TRUTH, HAS, TRUTH, RESULT = range(18, 27)
ADD, SUBTRACT, MULTIPLY, MULTIPLY_DECIMALS, DIVIDE, REMAINDER = range(27, 33)
LEAST, GREATEST, NEGATE, ABSOLUTE, TO_DECIMAL, CHOOSE = range(33, 39)


@njit(cache=True, nogil=True)
def judge(
    steps: Int, constants: Int, none: State, registers: int, columns: Int, states: State, out: State
) -> None:
    """Run a program over rows.

    Parameters
    ----------
    steps
        Shape (steps, 6): operation, register of the result, registers of up to three arguments,
        constant. Registers begin with the columns, then come the constants, then the others; the
        result of RESULT is the number of a rule.
    constants, none
        Values that are the same in all rows, and their states (0, or MISSING).
    registers
        How many registers there are beside columns.
    columns, states
        Shapes (columns, rows): values, and 0 or MISSING.
    out
        Shape (rules, rows): filled with FALSE, TRUE, MISSING, OVERFLOW or ZERO.
    """
    rows = columns.shape[1]
    wide = min(BLOCK, rows)
    values = np.empty((registers, wide), np.int64)
    truths = np.empty((registers, wide), np.uint8)
    for i in range(len(constants)):
        values[i, :] = constants[i]
        truths[i, :] = none[i]
    for low in range(0, rows, BLOCK):
        high = min(low + BLOCK, rows)
        for i in range(len(steps)):
            step = steps[i]
            if step[0] == RESULT:
                _take(step, states, truths, low, high, out)
            elif step[0] < AND:
                _compare(step, columns, states, values, truths, low, high)
            elif step[0] < ADD:
                _decide(step, columns, states, values, truths, low, high)
            else:
                _reckon(step, columns, states, values, truths, low, high)


@njit(cache=True, nogil=True)
def _side(register: int, columns: Any, own: Any, low: int, high: int) -> Any:  # noqa: ANN401
    """Return the part of a register, or of a column, that a block has."""
    many = len(columns)
    if register < many:
        return columns[register, low:high]
    return own[register - many, : high - low]


@njit(cache=True, nogil=True)
def _take(step: Int, states: State, truths: State, low: int, high: int, out: State) -> None:
    found = _side(step[2], states, truths, low, high)
    goal = out[step[1], low:high]
    for i in range(high - low):
        goal[i] = found[i]


@njit(cache=True, nogil=True)
def _first(a: int, b: int) -> int:
    """Return the first of two states that says why there is no value."""
    return a if a >= MISSING else b


@njit(cache=True, nogil=True)
def _compare(
    step: Int, columns: Int, states: State, values: Int, truths: State, low: int, high: int
) -> None:
    kind = step[0]
    x = _side(step[2], columns, values, low, high)
    a = _side(step[2], states, truths, low, high)
    goal = truths[step[1] - len(columns), : high - low]
    if WITH_CONSTANT <= kind < MIXED:
        _with_constant(kind - WITH_CONSTANT, x, a, step[5], goal)
        return
    y = _side(step[3], columns, values, low, high)
    b = _side(step[3], states, truths, low, high)
    if kind < WITH_CONSTANT:
        for i in range(len(goal)):
            null = _first(a[i], b[i])
            goal[i] = null if null >= MISSING else _holds(kind, x[i], y[i])
    else:
        first, second = (b, a) if step[5] else (a, b)
        for i in range(len(goal)):
            null = _first(first[i], second[i])
            goal[i] = null if null >= MISSING else _holds(kind - MIXED, order(x[i], y[i]), 0)


@njit(cache=True, nogil=True)
def _holds(kind: int, x: int, y: int) -> bool:
    if kind < LT:
        return (x == y) == (kind == EQ)
    if kind < GT:
        return x < y or (kind == LE and x == y)
    return x > y or (kind == GE and x == y)


@njit(cache=True, nogil=True)
def _with_constant(kind: int, x: Int, a: State, constant: int, goal: State) -> None:
    """Compare with a constant: each loop runs over many rows at once, and turns what it finds."""
    if kind in (LT, GE):
        turn = np.uint8(kind == GE)
        for i in range(len(goal)):
            goal[i] = a[i] | ((np.uint8(x[i] < constant) ^ turn) & np.uint8(a[i] == 0))
    elif kind in (GT, LE):
        turn = np.uint8(kind == LE)
        for i in range(len(goal)):
            goal[i] = a[i] | ((np.uint8(x[i] > constant) ^ turn) & np.uint8(a[i] == 0))
    else:
        turn = np.uint8(kind == NE)
        for i in range(len(goal)):
            goal[i] = a[i] | ((np.uint8(x[i] == constant) ^ turn) & np.uint8(a[i] == 0))


@njit(cache=True, nogil=True)
def _decide(
    step: Int, columns: Int, states: State, values: Int, truths: State, low: int, high: int
) -> None:
    """Join truths, or make them."""
    kind = step[0]
    a = _side(step[2], states, truths, low, high)
    goal = truths[step[1] - len(columns), : high - low]
    b, c = a, a
    if kind in (AND, OR, SAME, DIFFERENT, CHOOSE_TRUTH):
        b = _side(step[3], states, truths, low, high)
    if kind in (AND, OR):
        _join(np.uint8(kind == OR), a, b, goal)
        return
    if kind == CHOOSE_TRUTH:
        c = _side(step[4], states, truths, low, high)
    x = _side(step[2], columns, values, low, high)
    for i in range(len(goal)):
        goal[i] = _truth(kind, a[i], b[i], c[i], x[i])


@njit(cache=True, nogil=True)
def _truth(kind: int, a: int, b: int, c: int, x: int) -> int:
    """Return the truth of one operation."""
    if kind == HAS:
        return TRUE if a < MISSING else FALSE
    if a >= MISSING:
        return a
    if kind == CHOOSE_TRUTH:
        return b if a == TRUE else c
    if kind == TRUTH:
        return TRUE if x != 0 else FALSE
    if kind == NOT:
        return TRUE - a
    if b >= MISSING:
        return b
    return TRUE if (a == b) == (kind == SAME) else FALSE


@njit(cache=True, nogil=True)
def _join(decides: np.uint8, a: State, b: State, goal: State) -> None:
    """Return what decides if it is on either side, else the first null, else the other."""
    for i in range(len(goal)):
        other = a[i] if a[i] >= MISSING else b[i]
        goal[i] = decides if (a[i] == decides) | (b[i] == decides) else other


@njit(cache=True, nogil=True)
def _reckon(
    step: Int, columns: Int, states: State, values: Int, truths: State, low: int, high: int
) -> None:
    """Work out values; a null has the value 0."""
    kind, many = step[0], len(columns)
    x = _side(step[2], columns, values, low, high)
    a = _side(step[2], states, truths, low, high)
    value = values[step[1] - many, : high - low]
    state = truths[step[1] - many, : high - low]
    y, b = x, a
    if kind < NEGATE:
        y = _side(step[3], columns, values, low, high)
        b = _side(step[3], states, truths, low, high)
    if kind == CHOOSE:
        y = _side(step[3], columns, values, low, high)
        b = _side(step[3], states, truths, low, high)
        z = _side(step[4], columns, values, low, high)
        c = _side(step[4], states, truths, low, high)
        for i in range(len(value)):
            value[i] = y[i] if a[i] == TRUE else z[i]
            state[i] = a[i] if a[i] >= MISSING else (b[i] if a[i] == TRUE else c[i])
        return
    for i in range(len(value)):
        null = _first(a[i], b[i])
        if null >= MISSING:
            value[i], state[i] = 0, null
        else:
            value[i], state[i] = _result(kind, x[i], y[i])


@njit(cache=True, nogil=True)
def _result(kind: int, x: int, y: int) -> tuple[int, int]:
    """Return the value and the state of one operation."""
    if kind <= SUBTRACT or kind == NEGATE:
        return _sum(kind, x, y)
    if kind == MULTIPLY:
        return product(x, y)
    if kind == MULTIPLY_DECIMALS:
        return product_of_millionths(x, y)
    if kind == DIVIDE:
        return quotient_in_millionths(x, y)
    if kind == REMAINDER:
        return remainder(x, y)
    if kind in (LEAST, GREATEST):
        return x if (x < y) == (kind == LEAST) else y, 0
    if kind == TO_DECIMAL:
        return in_millionths(x)
    return (x, 0) if x >= 0 else _sum(NEGATE, x, x)


@njit(cache=True, nogil=True)
def _sum(kind: int, x: int, y: int) -> tuple[int, int]:
    """Return x + y, x - y or -x; what wraps around differs in sign from both sides."""
    if kind == ADD:
        found = x + y
        return found, OVERFLOW if ((found ^ x) & (found ^ y)) < 0 else 0
    left, right = (x, y) if kind == SUBTRACT else (0, x)
    found = left - right
    return found, OVERFLOW if ((left ^ right) & (found ^ left)) < 0 else 0


@njit(cache=True, nogil=True)
def judge_one(
    steps: Int, constants: Int, none: State, registers: int, columns: Int, states: State, out: State
) -> None:
    """Run a program over a single row: what :func:`judge` gives, without its blocks.

    Parameters and result are those of :func:`judge`, with one row.
    """
    many = len(columns)
    values = np.empty(many + registers, np.int64)
    truths = np.empty(many + registers, np.uint8)
    values[:many], truths[:many] = columns[:, 0], states[:, 0]
    values[many : many + len(constants)] = constants
    truths[many : many + len(constants)] = none
    run_one(steps, values, truths, out[:, 0])


@njit(cache=True, nogil=True)
def run_one(steps: Int, values: Int, truths: State, out: State) -> None:
    """Run a program over a single row: columns and constants are in their registers."""
    for i in range(len(steps)):
        kind, goal = steps[i, 0], steps[i, 1]
        # What an operation does not take is -1, the last register: read, but not used.
        one, other, third = steps[i, 2], steps[i, 3], steps[i, 4]
        a, b = truths[one], truths[other]
        if kind == RESULT:
            out[goal] = a
        elif kind < AND:
            truths[goal] = _compare_one(kind, values[one], values[other], a, b, steps[i, 5])
        elif kind <= OR:
            decides = np.uint8(kind == OR)
            truths[goal] = decides if decides in (a, b) else _first(a, b)
        elif kind < ADD:
            truths[goal] = _truth(kind, a, b, truths[third], values[one])
        elif kind == CHOOSE:
            values[goal] = values[other] if a == TRUE else values[third]
            truths[goal] = _truth(CHOOSE_TRUTH, a, b, truths[third], 0)
        else:
            _reckon_one(kind, goal, one, one if kind >= NEGATE else other, values, truths)


@njit(cache=True, nogil=True)
def _compare_one(kind: int, x: int, y: int, a: int, b: int, constant: int) -> int:
    if WITH_CONSTANT <= kind < MIXED:
        if a >= MISSING:
            return a
        return TRUE if _holds(kind - WITH_CONSTANT, x, constant) else FALSE
    turned = kind >= MIXED and constant != 0
    null = _first(b, a) if turned else _first(a, b)
    if null >= MISSING:
        return null
    if kind < WITH_CONSTANT:
        return TRUE if _holds(kind, x, y) else FALSE
    return TRUE if _holds(kind - MIXED, order(x, y), 0) else FALSE


@njit(cache=True, nogil=True)
def _reckon_one(kind: int, goal: int, one: int, other: int, values: Int, truths: State) -> None:
    null = _first(truths[one], truths[other])
    if null >= MISSING:
        values[goal], truths[goal] = 0, null
    else:
        values[goal], truths[goal] = _result(kind, values[one], values[other])


@njit(cache=True, nogil=True)
def judge_bound(table: Int) -> None:
    """Run a program over a single row, in arrays that are bound: what :func:`run_one` takes."""
    run_one(grid(table, 0), line(table, 1), byte_line(table, 2), byte_line(table, 3))
