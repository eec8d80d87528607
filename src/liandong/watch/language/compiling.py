"""From checked rules to a program of the row kernel: whole numbers, so that a change is instant."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.kernels.streams import judging as k
from liandong.kernels.streams.exact import MISSING
from liandong.watch.language.checking import Typed
from liandong.watch.language.inputs import Input, encode
from liandong.watch.language.nodes import INT_MAX, INT_MIN, SCALE
from liandong.watch.language.parsing import METHODS

Int = NDArray[np.int64]
State = NDArray[np.uint8]

_SIGNS = {"==": k.EQ, "!=": k.NE, "<": k.LT, "<=": k.LE, ">": k.GT, ">=": k.GE}
_TURNED = {k.LT: k.GT, k.GT: k.LT, k.LE: k.GE, k.GE: k.LE}
_DOWN = {k.GT: k.GT, k.GE: k.GT, k.LT: k.LE, k.LE: k.LE}
"""A comparison with a decimal between two whole numbers, as one with the lower of them."""
_CHAINS = {"&&": k.AND, "||": k.OR, "min": k.LEAST, "max": k.GREATEST}
_PLAIN = {
    "!": k.NOT,
    "has": k.HAS,
    "+": k.ADD,
    "-": k.SUBTRACT,
    "/": k.DIVIDE,
    "%": k.REMAINDER,
    "neg": k.NEGATE,
    "abs": k.ABSOLUTE,
    "decimal": k.TO_DECIMAL,
}


@dataclass(frozen=True)
class Program:
    """Rules as whole numbers.

    Attributes
    ----------
    inputs
        What each column of the kernel holds: a field, or a test of texts.
    steps, constants, none, registers
        As :func:`liandong.kernels.streams.judging.judge` takes them.
    rules
        How many rules there are.
    """

    inputs: tuple[Input, ...]
    steps: Int
    constants: Int
    none: State
    registers: int
    rules: int

    def judge(self, rows: pa.Table) -> State:
        """Return the verdict of each rule on each row.

        Parameters
        ----------
        rows
            A column for each name: integers (decimals in millionths), bools and texts.

        Returns
        -------
        numpy.ndarray
            Shape (rules, rows), uint8: 0 false, 1 true, and null because a value is missing (2),
            does not fit in 64 bits (3), or was divided by zero (4).

        Raises
        ------
        InputError
            If a column is missing or has another type.
        """
        return self.judge_encoded(*encode(self.inputs, rows))

    def judge_encoded(self, values: Int, states: State) -> State:
        """Return the verdicts for values and states (0, or 2 for null), both (inputs, rows)."""
        out = np.empty((self.rules, values.shape[1]), np.uint8)
        rest = (self.constants, self.none, self.registers, values, states, out)
        (k.judge_one if values.shape[1] == 1 else k.judge)(self.steps, *rest)
        return out


def compiled(rules: Sequence[Typed]) -> Program:
    """Make one program of checked rules; what they have in common is worked out once.

    Parameters
    ----------
    rules
        From :func:`types`; each is true or false.

    Examples
    --------
    >>> from liandong.watch.language import Column, parse, types
    >>> rule = types(parse("a > 2"), {"a": Column("int")})
    >>> compiled([rule]).judge(pa.table({"a": [1, 3, None]})).tolist()
    [[0, 1, 2]]
    """
    maker = _Maker()
    for i, rule in enumerate(rules):
        maker.steps.append((k.RESULT, i, maker.register(rule), -1, -1, 0))
    return maker.program(len(rules))


class _Maker:
    """Steps over registers that are numbered as they come, one for each different part."""

    def __init__(self) -> None:
        self.known: dict[object, int] = {}
        self.inputs: dict[Input, int] = {}
        self.constants: dict[int | None, int] = {}
        self.steps: list[tuple[int, ...]] = []
        self.count = 0

    def fresh(self) -> int:
        self.count += 1
        return self.count - 1

    def add(self, op: int, *args: int, constant: int = 0) -> int:
        """Add a step unless it is there already, and return the register of its result."""
        wanted = (op, *(*args, -1, -1)[:3], constant)
        if wanted not in self.known:
            self.known[wanted] = goal = self.fresh()
            self.steps.append((op, goal, *wanted[1:]))
        return self.known[wanted]

    def register(self, node: Typed) -> int:
        """Return where the value of a part is found."""
        if node not in self.known:
            self.known[node] = self.make(node)
        return self.known[node]

    def column(self, found: Input) -> int:
        if found not in self.inputs:
            self.inputs[found] = self.fresh()
        return self.inputs[found]

    def constant(self, given: int | str | None) -> int:
        value = None if given is None else int(given)
        if value not in self.constants:
            self.constants[value] = self.fresh()
        return self.constants[value]

    def make(self, node: Typed) -> int:
        if node.op in {"literal", "name"} or _of_texts(node):
            literal = node.op == "literal"
            column = self.constant(node.value) if literal else self.column(Input(node))
            return self.add(k.TRUTH, column) if node.kind == "bool" else column
        if node.op == "in":
            pairs = [Typed("==", "bool", (node.args[0], a)) for a in node.args[1:]]
            return self.chain(k.OR, pairs) if pairs else self.make(Typed("literal", "bool", (), 0))
        if node.op in _CHAINS:
            return self.chain(_CHAINS[node.op], node.args)
        if node.op in _SIGNS:
            return self.compared(_SIGNS[node.op], *node.args)
        args = [self.register(a) for a in node.args]
        if node.op == "?:":
            return self.add(k.CHOOSE_TRUTH if node.kind in {"bool", "null"} else k.CHOOSE, *args)
        if node.op == "*":
            return self.add(k.MULTIPLY if node.kind == "int" else k.MULTIPLY_DECIMALS, *args)
        return self.add(_PLAIN[node.op], *args)

    def chain(self, op: int, parts: Sequence[Typed]) -> int:
        """Join two or more parts from left to right."""
        found = self.register(parts[0])
        for part in parts[1:]:
            found = self.add(op, found, self.register(part))
        return found

    def compared(self, sign: int, left: Typed, right: Typed) -> int:
        if left.kind == "bool":
            args = self.register(left), self.register(right)
            return self.add(k.SAME if sign == k.EQ else k.DIFFERENT, *args)
        if left.op == "literal" and right.op != "literal":
            left, right, sign = right, left, _TURNED.get(sign, sign)
        constant = _constant(sign, left, right)
        if constant:
            return self.add(
                constant[0] + k.WITH_CONSTANT, self.register(left), constant=constant[1]
            )
        if left.kind == right.kind:
            return self.add(sign, self.register(left), self.register(right))
        turned = left.kind == "decimal"
        if turned:
            left, right, sign = right, left, _TURNED.get(sign, sign)
        args = self.register(left), self.register(right)
        return self.add(sign + k.MIXED, *args, constant=int(turned))

    def program(self, rules: int) -> Program:
        """Give columns the first numbers, constants the next, and the rest those that are free."""
        fixed = [*self.inputs.values(), *self.constants.values()]
        place = {register: i for i, register in enumerate(fixed)}
        steps, count = _packed(self.steps, place)
        values = [v or 0 for v in self.constants]
        return Program(
            tuple(self.inputs),
            np.array(steps, np.int64).reshape(-1, 6),
            np.array(values, np.int64),
            np.array([MISSING if v is None else 0 for v in self.constants], np.uint8),
            count - len(self.inputs),
            rules,
        )


def _of_texts(node: Typed) -> bool:
    """Tell whether a part says something of texts: then it is a column of its own."""
    about = {"==", "!=", "in", "has"} & {node.op} and node.args[0].kind == "text"
    return bool(about) or node.op in METHODS


def _constant(sign: int, left: Typed, right: Typed) -> tuple[int, int] | None:
    """Return sign and constant in the unit of what is left, if a constant of 64 bits says it."""
    if right.op != "literal" or right.value is None:
        return None
    value = int(right.value)
    if left.kind == right.kind:
        return sign, value
    if left.kind == "decimal":
        return (sign, value * SCALE) if INT_MIN <= value * SCALE <= INT_MAX else None
    whole, part = divmod(value, SCALE)
    if not part:
        return sign, whole
    return (_DOWN[sign], whole) if sign in _DOWN else None


def _packed(
    steps: list[tuple[int, ...]], place: dict[int, int]
) -> tuple[list[tuple[int, ...]], int]:
    """Give registers places: one whose last reader has been is free again."""
    last = {r: i for i, step in enumerate(steps) for r in step[2:5]}
    fixed, count, free = set(place), len(place), list[int]()
    found = []
    for i, step in enumerate(steps):
        args = [place[r] if r >= 0 else -1 for r in step[2:5]]
        # The result may not lie where an argument is: a loop might read what it has written.
        goal = step[1]
        if step[0] != k.RESULT:
            if not free:
                free.append(count)
                count += 1
            place[goal] = free.pop()
            goal = place[goal]
        free += [place[r] for r in {*step[2:5]} - fixed - {-1} if last[r] == i]
        found.append((step[0], goal, *args, step[5]))
    return found, count
