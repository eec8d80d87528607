"""Drawing lots: a keyed hash that gives everybody a place that nobody could choose or foresee."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]

START = np.array(
    [0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573], np.uint64
)
LAST = np.uint64(0xFF)


@njit(cache=True, nogil=True)
def lots(data: Bytes, ends: NDArray[np.int64], key: Words) -> Words:
    """Return SipHash-2-4 of each text.

    Parameters
    ----------
    data
        The bytes of all texts, one behind the other.
    ends
        Shape (texts + 1,): text i is data[ends[i]] to data[ends[i + 1]].
    key
        Shape (2,): the secret.

    Notes
    -----
    Aumasson and Bernstein 2012, "SipHash: a fast short-input PRF": without the key its values
    cannot be told from chance.
    """
    out = np.empty(len(ends) - 1, np.uint64)
    for i in range(len(out)):
        out[i] = _siphash(data[ends[i] : ends[i + 1]], key)
    return out


@njit(cache=True, nogil=True)
def _siphash(text: Bytes, key: Words) -> np.uint64:
    state = START.copy()
    for i in range(4):
        state[i] ^= key[i % 2]
    whole = len(text) // 8
    for w in range(whole):
        _mix(state, _word(text, 8 * w, 8))
    rest = _word(text, 8 * whole, len(text) - 8 * whole)
    _mix(state, rest | np.uint64(len(text) & 0xFF) << np.uint64(56))
    state[2] ^= LAST
    for _ in range(4):
        _round(state)
    return np.uint64(state[0] ^ state[1] ^ state[2] ^ state[3])


@njit(cache=True, nogil=True)
def _word(text: Bytes, at: int, size: int) -> np.uint64:
    word = np.uint64(0)
    for b in range(size):
        word |= np.uint64(text[at + b]) << np.uint64(8 * b)
    return word


@njit(cache=True, nogil=True)
def _mix(state: Words, word: np.uint64) -> None:
    state[3] ^= word
    _round(state)
    _round(state)
    state[0] ^= word


@njit(cache=True, nogil=True)
def _turn(x: np.uint64, by: int) -> np.uint64:
    return np.uint64(x << np.uint64(by) | x >> np.uint64(64 - by))


@njit(cache=True, nogil=True)
def _round(v: Words) -> None:
    v[0] += v[1]
    v[2] += v[3]
    v[1] = _turn(v[1], 13) ^ v[0]
    v[3] = _turn(v[3], 16) ^ v[2]
    v[0] = _turn(v[0], 32)
    v[2] += v[1]
    v[0] += v[3]
    v[1] = _turn(v[1], 17) ^ v[2]
    v[3] = _turn(v[3], 21) ^ v[0]
    v[2] = _turn(v[2], 32)
