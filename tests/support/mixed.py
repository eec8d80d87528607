"""Haircut said plainly, with dictionaries and fractions: an oracle for the kernel."""

from collections import Counter, defaultdict

from support.lots import largest_remainder


def in_proportion(total, held):
    """Split ``total`` over {origin: amount} by largest remainder, origin 0 last."""
    origins = sorted(held, key=lambda o: (o == 0, o))
    shares = largest_remainder(total, [held[o] for o in origins])
    return Counter({o: x for o, x in zip(origins, shares, strict=True) if x})


class Bank:
    """Accounts that hold {origin: amount}, and may owe their bank."""

    def __init__(self, opening, facility):
        self.held = defaultdict(Counter)
        self.debt, self.short, self.paid = Counter(), Counter(), Counter()
        self.facility = facility
        for a, (x, o) in enumerate(opening):
            if x < 0:
                self.debt[a] = -x
            elif x:
                self.held[a][o] = x

    def pay(self, a, need):
        """Take ``need`` out of an account, whoever must lend it."""
        own = min(need, self.held[a].total())
        gift = in_proportion(own, self.held[a])
        self.held[a] -= gift
        lent = min(need - own, max(self.facility[a] - self.debt[a], 0)) if self.facility else 0
        self.debt[a] += lent
        self.short[a] += need - own - lent
        gift[0] += need - own
        return gift

    def take_origin(self, a, origin, most):
        """Take money of one origin as far as there is any."""
        got = min(most, self.held[a][origin])
        self.held[a] -= Counter({origin: got})
        return got

    def receive(self, a, gift):
        """Pay the debt of the account in proportion, and keep the rest."""
        pays = min(self.debt[a], gift.total())
        to_bank = in_proportion(pays, gift)
        self.debt[a] -= pays
        for origin, x in to_bank.items():
            self.paid[a, origin] += x
        self.held[a] += gift - to_bank


def trace(flows, opening, facility=(), arrives=None, came=None):
    """Follow ``flows`` of (src, dst, amount, undoes) through ``opening`` of (amount, origin).

    What ``arrives`` of each may be in another currency; ``came`` is then filled with {(flow,
    origin): (what arrived, what of the origin had paid debts of the payee by then)}.

    Returns moved {(flow, origin): amount}, the bank afterwards.
    """
    bank, moved, back = Bank(opening, facility), Counter(), defaultdict(Counter)
    arrives = arrives or [f[2] for f in flows]
    for i, (src, dst, amount, undoes) in enumerate(flows):
        if src == dst:
            continue
        need, gift = amount, Counter()
        if undoes >= 0:
            left = Counter({o: moved[f, o] for f, o in moved if f == undoes}) - back[undoes]
            for origin, share in in_proportion(min(need, left.total()), left).items():
                gift[origin] = bank.take_origin(src, origin, share)
            back[undoes] += gift
            need -= gift.total()
            bank.receive(dst, gift)
        more = bank.pay(src, need)
        got = in_proportion(arrives[i], more) if arrives[i] != amount else more
        bank.receive(dst, got)
        if came is not None:
            came |= {(i, o): ((gift + got)[o], bank.paid[dst, o]) for o in gift + more}
        for origin, x in (gift + more).items():
            moved[i, origin] += x
    return moved, bank
