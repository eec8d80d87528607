"""Transfers in a sliding window: a new one closes circles, a late one goes where it belongs."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.kernels.graphs.cycles import feed
from liandong.kernels.graphs.cyclestream import AT, DST, SEQ, SRC, enter
from liandong.kernels.graphs.meeting import new_pad
from liandong.kernels.graphs.window import enlarged, new_window, take_back
from liandong.trace.circles.rule import HOUR, CirclesRule, must_be_few
from liandong.trace.order import too_late

Int = NDArray[np.int64]

ONLY_ADD = 1
"""No circle has so few legs."""
FIRST_COLUMNS = 1024
FIRST_ROOM = 1 << 18


class Added(NamedTuple):
    """What adding transfers gave.

    Attributes
    ----------
    found
        Shape (circles, most legs), legs in order of time, -1 behind the last: columns of ``moves``.
    moves, ids
        The transfers kept, of shape (5, transfers), and their ids.
    """

    found: Int
    moves: Int
    ids: list[str]


class Stream:
    """Transfers between numbered accounts, kept as long as they may be needed.

    Parameters
    ----------
    rule
        What a circle is.
    late
        A transfer may be so many hours older than the newest one.
    """

    def __init__(self, rule: CirclesRule, late: int) -> None:
        self._rule, self._late, self._width = rule, late * HOUR, rule.hours * HOUR
        self._moves = np.zeros((5, FIRST_COLUMNS), np.int64)
        self._ids: list[str] = []
        self._dropped = 0
        self._window = new_window(FIRST_COLUMNS, FIRST_ROOM)
        self._make_lists(FIRST_COLUMNS)

    def kept(self) -> tuple[Int, list[str]]:
        """Return the transfers that may still be needed and their ids."""
        self._forget()
        return self._moves[:, : len(self._ids)].copy(), list(self._ids)

    def add(self, moves: Int, ids: list[str], accounts: int, *, search: bool = True) -> Added:
        """Add transfers and return the circles of which one of them is a leg.

        Parameters
        ----------
        moves
            Shape (5, transfers), payer, payee, amount, time and number, in the order of (time,
            number, id); payer and payee differ.
        ids
            Of the transfers.
        accounts
            All numbers of accounts are below.
        search
            Whether circles are looked for.

        Raises
        ------
        DataError
            If one is too late, or there are more circles than the rule allows: then nothing was
            added.
        """
        if accounts > self._accounts:
            self._make_lists(accounts)
        legs, at = self._rule.legs if search else ONLY_ADD, self._place(moves, ids)
        if at == len(self._ids):
            return Added(self._put(moves, ids, legs), self._moves, self._ids)
        behind, names = self._moves[:, at : len(self._ids)].copy(), self._ids[at:]
        take_back(self._window, behind[SRC], behind[DST])
        del self._ids[at:]
        merged, joined, new = _merged(moves, ids, behind, names)
        try:
            found = self._put(merged, joined, legs)
        except DataError:
            self._put(behind, names, ONLY_ADD)
            raise
        fresh = np.zeros(len(self._ids) + 1, bool)
        fresh[len(self._ids) - len(new) : -1] = new
        return Added(found[fresh[found].any(axis=1)], self._moves, self._ids)

    def add_one(
        self, one: tuple[int, int, int, int, int], flow: str, accounts: int
    ) -> Added | None:
        """Add one transfer as :meth:`add` does; return None if it is a leg of no circle."""
        src, dst, _, at, seq = one
        self._make_room(1)
        if accounts > self._accounts:
            self._make_lists(accounts)
        held, rule = len(self._ids), self._rule
        if not held or (at, seq, flow) > self._key(held - 1):
            found, done = enter(
                *self._window, *self._pad, self._moves, held, *one, self._dropped + held,
                self._width, self._width + self._late, rule.legs, rule.most,
            )  # fmt: skip
            if done and len(found) <= rule.most:
                self._ids.append(flow)
                return Added(self._columns(found), self._moves, self._ids) if len(found) else None
            if done:
                take_back(self._window, np.array([src]), np.array([dst]))
        added = self.add(np.array([one]).T, [flow], accounts)
        return added if len(added.found) else None

    def _columns(self, found: Int) -> Int:
        """Return circles of numbered transfers as columns of those kept."""
        return np.where(found >= 0, found - self._dropped, -1)

    def _place(self, moves: Int, ids: list[str]) -> int:
        """Return where the first of new transfers belongs among those kept."""
        held = len(self._ids)
        key = (int(moves[AT, 0]), int(moves[SEQ, 0]), ids[0])
        if not held or key > self._key(held - 1):
            return held
        newest = int(self._moves[AT, held - 1])
        if key[0] < newest - self._late:
            raise too_late(key[0], self._late // HOUR, "advice.replay_circles")
        at = int(np.searchsorted(self._moves[AT, :held], key[0]))
        while self._key(at) < key:
            at += 1
        return at

    def _key(self, at: int) -> tuple[int, int, str]:
        return int(self._moves[AT, at]), int(self._moves[SEQ, at]), self._ids[at]

    def _put(self, moves: Int, ids: list[str], legs: int) -> Int:
        """Put transfers behind those kept; return the circles they close, as columns."""
        count = len(ids)
        self._make_room(count)
        src, dst, _, when, _ = moves
        number, most, done, found = self._dropped + len(self._ids), self._rule.most, 0, []
        while True:
            rows = (src[done:], dst[done:], when[done:])
            some, more = feed(
                self._window, self._pad, rows, number + done, self._width,
                self._width + self._late, legs, most,
            )  # fmt: skip
            found.append(some)
            done, most = done + more, most - len(some)
            if most < 0:
                take_back(self._window, src[:done], dst[:done])
                must_be_few(self._rule.most - most, self._rule)
            if done == count:
                break
            self._enlarge(2 * len(self._window.entry))
        held = len(self._ids)
        self._moves[:, held : held + count] = moves
        self._ids.extend(ids)
        all_found = found[0] if len(found) == 1 else np.concatenate(found)
        return self._columns(all_found)

    def _make_lists(self, accounts: int) -> None:
        """Make room for at least so many accounts."""
        self._accounts = 2 * accounts
        self._pad = new_pad(self._accounts)
        for part in self._pad:
            part.fill(0)
        self._enlarge(len(self._window.entry))

    def _enlarge(self, room: int) -> None:
        """Make the window larger, and touch its memory now: else transfers to come wait for it."""
        self._window = enlarged(self._window, self._accounts, room)
        self._window.entry[self._window.used[0] :] = 0

    def _make_room(self, count: int) -> None:
        if len(self._ids) + count <= self._moves.shape[1]:
            return
        self._forget()
        held = len(self._ids)
        if 2 * (held + count) > self._moves.shape[1]:
            moves = np.empty((5, 2 * (held + count)), np.int64)
            moves[:, :held], moves[:, held:] = self._moves[:, :held], 0
            self._moves = moves

    def _forget(self) -> None:
        """Drop the transfers that are too old for any circle to come."""
        held = len(self._ids)
        if held:
            oldest = self._moves[AT, held - 1] - self._width - self._late
            old = int(np.searchsorted(self._moves[AT, :held], oldest))
            self._moves[:, : held - old] = self._moves[:, old:held].copy()
            del self._ids[:old]
            self._dropped += old


def _merged(
    moves: Int, ids: list[str], behind: Int, names: list[str]
) -> tuple[Int, list[str], NDArray[np.bool_]]:
    """Put transfers in their order among later ones; tell which are the new ones."""
    both, joined = np.concatenate([behind, moves], axis=1), [*names, *ids]
    keys = zip(both[AT].tolist(), both[SEQ].tolist(), joined, range(len(joined)), strict=True)
    order = np.array([k[3] for k in sorted(keys)], np.int64)
    return both[:, order], [joined[i] for i in order], order >= len(names)
