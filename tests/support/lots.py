"""The lot engine said plainly, with Python lists and whole numbers: an oracle for the kernel."""

from collections import Counter, defaultdict
from fractions import Fraction


def largest_remainder(total, parts):
    """Split ``total`` in proportion to ``parts``, ties to the earlier one."""
    whole = sum(parts)
    exact = [Fraction(total * p, whole) if whole else Fraction(0) for p in parts]
    share = [int(e) for e in exact]
    order = sorted(range(len(parts)), key=lambda k: share[k] - exact[k])
    for k in order[: total - sum(share) if whole else 0]:
        share[k] += 1
    return share


class Accounts:
    """Queues of [amount, origin], oldest first."""

    def __init__(self, opening):
        self.queue = defaultdict(list, {a: [[x, o]] for a, (x, o) in enumerate(opening) if x})
        self.short = Counter()

    def take(self, a, need):
        """Take the oldest money; what is missing is money of origin 0."""
        taken = []
        while need and self.queue[a]:
            lot = self.queue[a][0]
            x = min(lot[0], need)
            taken.append((x, lot[1]))
            lot[0] -= x
            need -= x
            self.queue[a] = [q for q in self.queue[a] if q[0]]
        if need:
            self.short[a] += need
            taken.append((need, 0))
        return taken

    def take_origin(self, a, origin, most):
        """Take money of one origin, oldest first, as far as there is any."""
        got = 0
        for lot in self.queue[a]:
            if lot[1] == origin:
                x = min(lot[0], most - got)
                lot[0] -= x
                got += x
        self.queue[a] = [q for q in self.queue[a] if q[0]]
        return got


def trace(flows, opening):
    """Follow ``flows`` of (src, dst, amount, undoes) through ``opening`` of (amount, origin).

    Returns moved {(flow, origin): amount}, held {(account, origin): amount}, and what was short by
    account; of origins above 0, except in ``held``.
    """
    accounts, moved, back = Accounts(opening), Counter(), defaultdict(Counter)
    for i, (src, dst, amount, undoes) in enumerate(flows):
        if src == dst:
            continue
        need = amount
        if undoes >= 0:
            loans = [o for f, o in moved if f == undoes and o]
            parts = [moved[undoes, o] - back[undoes][o] for o in loans]
            kept = flows[undoes][2] - sum(back[undoes].values())
            parts.append(kept - sum(parts))
            front = []
            shares = largest_remainder(min(need, kept), parts)
            for origin, share in zip([*loans, 0], shares, strict=True):
                got = accounts.take_origin(src, origin, share)
                front += [[got, origin]] if got else []
                back[undoes][origin] += got
                moved[i, origin] += got
                need -= got
            accounts.queue[dst] = front + accounts.queue[dst]
        for x, origin in accounts.take(src, need):
            accounts.queue[dst].append([x, origin])
            moved[i, origin] += x
    held = Counter()
    for a, queue in accounts.queue.items():
        for x, origin in queue:
            held[a, origin] += x
    moved = {k: x for k, x in moved.items() if x and k[1]}
    return moved, held, accounts.short
