"""The Merkle tree over a log: heads, proofs, and what proofs prove.

RFC 6962, section 2.1, with SHA-256; proofs are verified by the algorithms of RFC 9162, sections
2.1.3.2 and 2.1.4.2. A tree is given by the hashes of its *perfect* subtrees: ``at(level, n)`` is
that of leaves n * 2^level to (n + 1) * 2^level. Who can say those can say every head and proof.
"""

import hashlib
from collections.abc import Callable, Sequence

At = Callable[[int, int], bytes]
"""Hash of a perfect subtree, by its level and its number among those."""
EMPTY = hashlib.sha256().digest()
"""The head over no leaves."""


def leaf(entry: bytes) -> bytes:
    """Return the hash of an entry as a leaf."""
    return hashlib.sha256(b"\0" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees together."""
    return hashlib.sha256(b"\1" + left + right).digest()


def perfect(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over 2^k hashes of one level."""
    level = list(hashes)
    while len(level) > 1:
        level = [node(level[i], level[i + 1]) for i in range(0, len(level), 2)]
    return level[0]


def over(leaves: Sequence[bytes]) -> At:
    """Return what says the hashes of a tree whose leaves are all at hand; each is made once."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        low = levels[-1]
        levels.append([node(low[i], low[i + 1]) for i in range(0, len(low) - 1, 2)])
    return lambda level, n: levels[level][n]


def head(size: int, at: At) -> bytes:
    """Return the head over the first ``size`` leaves."""
    return _over(0, size, at) if size else EMPTY


def inclusion(index: int, size: int, at: At) -> list[bytes]:
    """Return the proof that leaf ``index`` is among the first ``size``: siblings from below.

    Raises
    ------
    ValueError
        If there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} among {size}")
    low, high, found = 0, size, list[bytes]()
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            found.append(_over(middle, high, at))
            high = middle
        else:
            found.append(_over(low, middle, at))
            low = middle
    return found[::-1]


def consistency(old: int, size: int, at: At) -> list[bytes]:
    """Return the proof that the first ``old`` leaves are as they were in the tree of that size.

    Raises
    ------
    ValueError
        If the older tree is the larger one.
    """
    if not 0 <= old <= size:
        raise ValueError(f"a tree of {old} does not come before one of {size}")
    if old in {0, size}:
        return []
    low, high, found = 0, size, list[bytes]()
    # Down to where the older tree ends a subtree.
    while high != old:
        middle = low + _split(high - low)
        if old <= middle:
            found.append(_over(middle, high, at))
            high = middle
        else:
            found.append(_over(low, middle, at))
            low = middle
    if low:
        found.append(_over(low, high, at))
    return found[::-1]


def is_included(
    index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], top: bytes
) -> bool:
    """Tell whether a proof shows that a leaf is in the tree with head ``top``."""
    if not 0 <= index < size:
        return False
    position, last, found = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            found = node(sibling, found)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            found = node(found, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and found == top


def is_consistent(
    old: int, size: int, old_top: bytes, top: bytes, proof: Sequence[bytes]
) -> bool:  # fmt: skip
    """Tell whether a proof shows that the tree with head ``top`` goes on from the older one."""
    if not 0 <= old <= size or (old == 0 and old_top != EMPTY):
        return False
    if old in {0, size}:
        return not proof and (old == 0 or old_top == top)
    rest = list(proof)
    if old & (old - 1) == 0:  # the older tree is perfect: its head is the first hash
        rest.insert(0, old_top)
    if not rest:
        return False
    position, last = old - 1, size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    before = now = rest[0]
    for sibling in rest[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            before, now = node(sibling, before), node(sibling, now)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            now = node(now, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and before == old_top and now == top


def _split(size: int) -> int:
    """Return the largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1


def _over(low: int, high: int, at: At) -> bytes:
    """Return the hash over some leaves that are a subtree of the whole."""
    size = high - low
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return at(level, low >> level)
    middle = low + _split(size)
    return node(_over(low, middle, at), _over(middle, high, at))
