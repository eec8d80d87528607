"""Rules by whim: any money may leave an account first. In plain Python, without debts."""

from collections import Counter, defaultdict

from support.lots import largest_remainder


def whim(random):
    """Return a rule that takes from anywhere, as it likes."""

    def split(lots, need):
        parts, order = [0] * len(lots), list(range(len(lots)))
        random.shuffle(order)
        rest = sum(x for x, _ in lots)
        for k in order:
            rest -= lots[k][0]
            parts[k] = random.randint(max(0, need - rest), min(lots[k][0], need))
            need -= parts[k]
        return parts

    return split


def outcome(log, law):
    """Return {(node, origin): amount} at the end of a log that is read, by one of the rules."""
    queue = defaultdict(list)
    for node, (x, o) in enumerate(zip(log.opening.tolist(), log.origin.tolist(), strict=True)):
        queue[node] = [[x, o]] if x else []
    moved, back = defaultdict(Counter), defaultdict(Counter)
    rows = zip(*log.legs[2:].tolist(), log.amount.tolist(), log.undoes.tolist(), strict=True)
    for i, (src, dst, amount, undoes) in enumerate(rows):
        if src == dst:
            continue
        given = (moved[undoes], back[undoes]) if undoes >= 0 else ({}, {})
        front = _given_back(queue[src], amount, *given)
        need = amount - sum(x for x, _ in front)
        lots = queue[src]
        short = max(0, need - sum(x for x, _ in lots))
        parts = law(lots, need - short)
        assert sum(parts) == need - short
        taken = [[p, o] for p, (_, o) in zip(parts, lots, strict=True)] + [[short, 0]]
        queue[src] = [[x - p, o] for p, (x, o) in zip(parts, lots, strict=True) if x > p]
        queue[dst] = front + queue[dst] + [t for t in taken if t[0]]
        for x, o in [*front, *taken]:
            moved[i][o] += x
    held = Counter()
    for node, lots in queue.items():
        for x, o in lots:
            held[node, o] += x
    return held


def _given_back(lots, need, moved, back):
    """Take what a transfer moved, and has not got back, out of lots again, in proportion."""
    origins = sorted(moved, key=lambda o: (o == 0, o))
    left = [moved[o] - back[o] for o in origins]
    front = []
    for o, share in zip(origins, largest_remainder(min(need, sum(left)), left), strict=True):
        got = 0
        for lot in lots:
            x = min(lot[0], share - got) if lot[1] == o else 0
            lot[0] -= x
            got += x
        back[o] += got
        front += [[got, o]] if got else []
    lots[:] = [lot for lot in lots if lot[0]]
    return front
