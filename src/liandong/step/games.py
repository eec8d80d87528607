"""What cooperation is worth to each: Shapley values and the nucleolus, as a proposal of shares."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liandong.errors import InputError, InvariantError
from liandong.texts import both

Float = NDArray[np.float64]
Worth = Callable[[frozenset[str]], Fraction | int]
"""What a group of parties brings about on its own."""

MOST_PLAYERS = 12
_NEAR = 1e-9


def shapley(players: Sequence[str], worth: Worth) -> dict[str, Fraction]:
    """Return what each party adds to the others, on average over all orders in which they join.

    Parameters
    ----------
    players
        Names, each once; 12 at most.
    worth
        What each group brings about; nothing without anybody.

    Returns
    -------
    dict
        Exact shares that add up to what all bring about.

    Raises
    ------
    InputError
        If there are no players, too many, or one twice.

    Notes
    -----
    Shapley, A value for n-person games (1953).

    Examples
    --------
    >>> enclave = {"home": 20, "home+host": 100}
    >>> found = shapley(["host", "home"], lambda group: enclave.get("+".join(sorted(group)), 0))
    >>> found["host"], found["home"]
    (Fraction(40, 1), Fraction(60, 1))
    """
    _must_play(players)
    n = len(players)
    value = {group: Fraction(worth(group)) for group in _groups(players)}
    value[frozenset()] = Fraction(0)
    found = dict.fromkeys(players, Fraction(0))
    for group, had in value.items():
        for p in set(players) - group:
            orders = factorial(len(group)) * factorial(n - len(group) - 1)
            found[p] += Fraction(orders, factorial(n)) * (value[group | {p}] - had)
    return found


def nucleolus(players: Sequence[str], worth: Worth) -> dict[str, Fraction]:
    """Return the shares that leave the least satisfied group as satisfied as can be, and so on.

    A sequence of linear programs raises the least satisfaction, fixes the groups that cannot have
    more, and goes on with the others until all shares are fixed. Which groups are fixed says which
    equations hold; these are solved in whole numbers, so that shares are exact. Nobody gets less
    than he brings about alone, where what all bring about is enough for that.

    Parameters
    ----------
    players
        Names, each once; 12 at most.
    worth
        What each group brings about; nothing without anybody.

    Returns
    -------
    dict
        Exact shares that add up to what all bring about.

    Raises
    ------
    InputError
        If there are no players, too many, one twice, or all together bring about less than they do
        one by one.

    Notes
    -----
    Schmeidler, The nucleolus of a characteristic function game (1969); solved with HiGHS.

    Examples
    --------
    >>> gloves = lambda g: int("left" in g and len(g) > 1)
    >>> nucleolus(["left", "right", "other"], gloves)["left"]
    Fraction(1, 1)
    """
    _must_play(players)
    value = {group: Fraction(worth(group)) for group in _groups(players)}
    whole = value[frozenset(players)]
    if sum(value[frozenset([p])] for p in players) > whole:
        raise InputError(
            file="worth", what=both("fault.worth_alone"), remedy=both("advice.worth_alone")
        )
    if len(players) == 1:
        return {players[0]: whole}
    # The programs are solved about 1, where their tolerances are.
    scale = max(abs(v) for v in value.values()) or Fraction(1)
    held = _tight(players, {g: float(v / scale) for g, v in value.items()})
    return dict(zip(players, _exact(players, value, held), strict=True))


def _groups(players: Sequence[str]) -> Iterator[frozenset[str]]:
    """Yield all groups of at least one."""
    for size in range(1, len(players) + 1):
        yield from map(frozenset, combinations(players, size))


def _must_play(players: Sequence[str]) -> None:
    if not 0 < len(set(players)) == len(players) <= MOST_PLAYERS:
        raise InputError(
            file="players", what=both("fault.players", most=MOST_PLAYERS),
            remedy=both("advice.players"),
        )  # fmt: skip


Held = list[tuple[frozenset[str], int]]
"""Groups that are fixed, with the program (from 1) that fixed them at its own level; 0: at what
they bring about themselves."""


def _tight(players: Sequence[str], value: dict[frozenset[str], float]) -> Held:
    """Return what fixes the nucleolus among shares that give nobody less than he is worth alone."""
    n = len(players)
    rows = {g: np.array([float(p in g) for p in players]) for g in value}
    held: Held = [(frozenset(players), 0)]
    level = [value[frozenset(players)]]
    free = [g for g in value if len(g) < n]
    alone = [value[frozenset([p])] for p in players]
    for program in range(1, len(value)):
        fixed = [rows[g] for g, _ in held]
        if np.linalg.matrix_rank(np.array(fixed)) == n:
            break
        least, price, bound = _raised([rows[g] for g in free], [value[g] for g in free],
                                      fixed, level, alone)  # fmt: skip
        # A group with a price in the optimum cannot have more in any of them, nor a party less.
        tight = set(np.flatnonzero(price < -_NEAR).tolist())
        held += [(free[i], program) for i in sorted(tight)]
        level += [value[free[i]] + least for i in sorted(tight)]
        least_alone = np.flatnonzero(bound[:n] < -_NEAR).tolist()
        held += [(frozenset([players[i]]), 0) for i in least_alone]
        level += [alone[i] for i in least_alone]
        free = [g for i, g in enumerate(free) if i not in tight]
    return held


def _exact(
    players: Sequence[str], value: dict[frozenset[str], Fraction], held: Held
) -> list[Fraction]:
    """Solve the equations of fixed groups for shares and levels, by elimination in fractions."""
    n, programs = len(players), max(k for _, k in held)
    rows = []
    for group, program in held:
        row = [Fraction(p in group) for p in players]
        row += [Fraction(-(k + 1 == program)) for k in range(programs)]
        rows.append([*row, value[group]])
    done = 0
    for column in range(n + programs):
        pivot = next((i for i in range(done, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        lead = rows[done][column]
        rows[done] = [v / lead for v in rows[done]]
        for i, row in enumerate(rows):
            if i != done and row[column]:
                by = row[column]
                rows[i] = [a - by * b for a, b in zip(row, rows[done], strict=True)]
        done += 1
    solved = [r for r in rows[:done] if sum(map(bool, r[:-1])) == 1]
    share = {r.index(Fraction(1)): r[-1] for r in solved}
    if any(r[-1] for r in rows[done:]) or any(k not in share for k in range(n)):
        raise InvariantError(what=both("fault.no_nucleolus"), row=", ".join(players))
    return [share[k] for k in range(n)]


def _raised(
    groups: Sequence[Float], worth: Sequence[float], fixed: Sequence[Float],
    level: Sequence[float], alone: Sequence[float],
) -> tuple[float, Float, Float]:  # fmt: skip
    """Return how satisfied the least satisfied group can be, and prices of groups and of parties.

    Parameters
    ----------
    groups, worth
        Who is in each group that is not fixed yet, and what it brings about.
    fixed, level
        The same of groups whose shares are fixed.
    alone
        What each party has at least.
    """
    import highspy
    from highspy._core import (
        _Highs,
    )  # the public Highs() prints a banner before it can be told not to

    solver: Any = _Highs()
    n, without = len(alone), highspy.kHighsInf
    solver.setOptionValue("output_flag", False)  # noqa: FBT003 - a name and its value
    for low in (*alone, -without):  # the shares, and the satisfaction that is raised
        solver.addVar(low, without)
    solver.changeColCost(n, -1.0)
    columns = np.arange(n + 1, dtype=np.int32)
    for group, least in zip(groups, worth, strict=True):
        solver.addRow(-without, -least, n + 1, columns, np.append(-group, 1.0))
    for group, exactly in zip(fixed, level, strict=True):
        solver.addRow(exactly, exactly, n, columns[:-1], np.asarray(group, float))
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise InvariantError(
            what=both("fault.no_nucleolus"), row=solver.modelStatusToString(status)
        )
    found = solver.getSolution()
    return (float(found.col_value[-1]), np.array(found.row_dual[: len(groups)]),
            -np.array(found.col_dual[:n]))  # fmt: skip
