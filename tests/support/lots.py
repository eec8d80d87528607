"""The lot engine said plainly, with Python lists and whole numbers: an oracle for the kernel."""

from collections import Counter, defaultdict
from fractions import Fraction

PAID = "paid"


def largest_remainder(total, parts):
    """Split ``total`` in proportion to ``parts``, ties to the earlier one."""
    whole = sum(parts)
    exact = [Fraction(total * p, whole) if whole else Fraction(0) for p in parts]
    share = [int(e) for e in exact]
    order = sorted(range(len(parts)), key=lambda k: share[k] - exact[k])
    for k in order[: total - sum(share) if whole else 0]:
        share[k] += 1
    return share


class Lot:
    """Some money: how much is left, whose it is, and the row of evidence (None: not traced)."""

    def __init__(self, left, origin, row=None):
        self.left, self.origin, self.row = left, origin, row


class Accounts:
    """Lists of lots, oldest first, and of debts [amount, flow]."""

    def __init__(self, method, opening, facility):
        self.method, self.facility = method, facility
        self.lots, self.debts = defaultdict(list), defaultdict(list)
        self.short, self.rows, self.taken = Counter(), [], []
        for a, (x, origin) in enumerate(opening):
            if x < 0:
                self.debts[a].append([-x, -1])
            elif x:
                self.lots[a].append(self.evidence(-1, origin, None, x, a))

    def evidence(self, flow, origin, parent, x, where):
        """Return a lot, of which a row tells if it is traced."""
        if not origin:
            return Lot(x, 0)
        lot = Lot(x, origin, len(self.rows))
        self.rows.append([flow, origin, x, parent, where, lot])
        self.taken.append(x)
        return lot

    def order(self, a):
        """Return the lots of account ``a`` in the order in which they leave."""
        lots = [q for q in self.lots[a] if q.left]
        self.lots[a] = lots
        if self.method == "lifo":
            return lots[::-1]
        if self.method == "fifo":
            return lots[:]
        return sorted(lots, key=lambda q: (q.origin > 0) == (self.method == "clean_first"))

    def take(self, a, need, flow):
        """Take money; what is missing is owed or short, and of origin 0."""
        taken = []
        for lot in self.order(a):
            x = min(lot.left, need)
            lot.left -= x
            need -= x
            taken += [(x, lot)] if x else []
        if need:
            owed = min(need, self.facility[a] - sum(x for x, _ in self.debts[a]))
            if self.debts[a] and self.debts[a][-1][1] == flow:
                self.debts[a][-1][0] += owed
            elif owed:
                self.debts[a].append([owed, flow])
            self.short[a] += need - owed
            taken.append((need, Lot(0, 0)))
        return taken

    def take_origin(self, a, origin, most):
        """Take money of one origin in the order in which it leaves, as far as there is any."""
        taken = []
        for lot in self.order(a):
            if lot.origin == origin:
                x = min(lot.left, most)
                lot.left -= x
                most -= x
                taken += [(x, lot)] if x else []
        return taken

    def pay_debts(self, flow, a, x, lot):
        """Let money pay debts, the oldest first; return what is over."""
        while x and self.debts[a]:
            debt = self.debts[a][0]
            y = min(x, debt[0])
            debt[0] -= y
            x -= y
            self.evidence(flow, lot.origin, lot.row, y, (PAID, a, debt[1]))
            if not debt[0]:
                del self.debts[a][0]
        return x

    def put(self, flow, a, x, lot, at=None):
        """Put money into account ``a`` as its newest, or as the lot number ``at``; return it."""
        x = self.pay_debts(flow, a, x, lot)
        if not x:
            return None
        new = self.evidence(flow, lot.origin, lot.row, x, a)
        self.lots[a].insert(len(self.lots[a]) if at is None else at, new)
        return new

    def bring(self, flow, a, x, y, lot):
        """Let ``y`` arrive for the ``x`` that were taken of a lot in another currency."""
        first, came = len(self.rows), 0
        self.put(flow, a, y, lot)
        if not y:
            self.evidence(flow, lot.origin, lot.row, 0, a)
            self.taken[first:] = [x] * (len(self.rows) - first)
            return
        for k in range(first, len(self.rows)):
            before, came = came, came + self.rows[k][2]
            self.taken[k] = x * came // y - x * before // y

    def arrival(self, lot):
        """Return the flow that brought a traced lot."""
        return self.rows[lot.row][0]

    def give_back(self, flow, d, pieces, original):
        """Put pieces where they were before the flow ``original`` took them away."""
        self.order(d)  # forgets what is empty
        if self.method == "lifo":
            # Behind (in the order of leaving) all traced lots that came since; and untraced money
            # that is newer than every traced lot came since, too.
            lots = self.lots[d]
            newer = [k for k, q in enumerate(lots) if q.origin and self.arrival(q) > original]
            traced = [k for k, q in enumerate(lots) if q.origin]
            at = min(newer) if newer else (max(traced) + 1 if traced else 0)
            for x, lot in pieces:
                self.put(flow, d, x, lot, at)
        else:
            at = 0
            for x, lot in pieces:
                at += self.put(flow, d, x, lot, at) is not None


def worth(rows, taken, home):
    """Return what rows of evidence are worth, what is left of that, and what was lost before.

    ``home`` tells of each whether it is in the currency that its money was lent in.
    """
    value, left, lost, spent = [], [], [], [0] * len(rows)
    for k, (_, _, amount, parent, _, _) in enumerate(rows):
        share = amount
        if parent is not None:
            spent[parent] += taken[k]
            kept = value[parent] - value[parent] * spent[parent] // rows[parent][2]
            share, left[parent] = left[parent] - kept, kept
        value.append(amount if home[k] or not amount else share)
        left.append(value[k])
        lost.append(share - value[k])
    return value, left, lost


def trace(flows, opening, facility=None, method="fifo", arrives=None):
    """Follow ``flows`` of (src, dst, amount, undoes) through ``opening`` of (amount, origin).

    What ``arrives`` of each may be in another currency.

    Returns moved {(flow, origin): amount}, held {(account, origin): amount} of all origins with
    debts as less than nothing, what was short by account, what paid debts {(account, origin):
    amount}, and rows [flow, origin, amount, parent, where, left].
    """
    return _results(_traced(flows, opening, facility, method, arrives))


def exchanged(flows, opening, facility, method, arrives):
    """Return the rows of :func:`trace`, and what was taken of the parent for each."""
    accounts = _traced(flows, opening, facility, method, arrives)
    return _results(accounts)[-1], accounts.taken


def _traced(flows, opening, facility, method, arrives):
    accounts = Accounts(method, opening, facility or [0] * len(opening))
    back, kept = defaultdict(Counter), [f[2] for f in flows]
    for i, (src, dst, amount, undoes) in enumerate(flows):
        if src == dst:
            continue
        need = amount
        if arrives and arrives[i] != amount:
            gone = 0
            for x, lot in accounts.take(src, need, i):
                upto = arrives[i] * (gone + x) // amount
                accounts.bring(i, dst, x, upto - arrives[i] * gone // amount, lot)
                gone += x
            continue
        if undoes >= 0:
            brought = Counter()
            for flow, origin, x, *_ in accounts.rows:
                brought[origin] += x if flow == undoes else 0
            loans = list(dict.fromkeys(r[1] for r in accounts.rows if r[0] == undoes))
            parts = [brought[o] - back[undoes][o] for o in loans]
            parts.append(kept[undoes] - sum(parts))
            shares = largest_remainder(min(need, kept[undoes]), parts)
            pieces = []
            for origin, share in zip([*loans, 0], shares, strict=True):
                got = accounts.take_origin(src, origin, share)
                pieces += got
                back[undoes][origin] += sum(x for x, _ in got)
            given = sum(x for x, _ in pieces)
            kept[undoes] -= given
            need -= given
            accounts.give_back(i, dst, pieces, undoes)
        while need:
            # While the payee is in debt, money comes in as much as one debt needs.
            owed = accounts.debts[dst][0][0] if accounts.debts[dst] else need
            part = min(need, owed)
            need -= part
            for x, lot in accounts.take(src, part, i):
                accounts.put(i, dst, x, lot)
    return accounts


def _results(accounts):
    moved, held, debts = Counter(), Counter(), Counter()
    rows = [[*row[:5], row[5].left] for row in accounts.rows]
    for flow, origin, x, _, where, _ in rows:
        if flow >= 0:
            moved[flow, origin] += x
        if isinstance(where, tuple):
            debts[where[1], origin] += x
    for a, lots in accounts.lots.items():
        for lot in lots:
            held[a, lot.origin] += lot.left
    for a, owed in accounts.debts.items():
        held[a, 0] -= sum(x for x, _ in owed)
    return (
        dict(moved),
        +held | {k: x for k, x in held.items() if x < 0},
        accounts.short,
        debts,
        rows,
    )
