"""Points of Curve25519: RFC 9380's own examples, and plain integers as the slow twin."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.errors import UnfitError
from liandong.govern.sharing.points import (
    ORDER,
    PRIME,
    SIZE,
    SUITE,
    blinded,
    blindly_tagged,
    fields,
    multiplied,
    points,
    secret,
    split,
    spread,
    tagged,
    undoing,
)
from liandong.kernels.privacy.elligator import CURVE, mapped

EXAMPLES = (  # RFC 9380, J.4.2: message, u, x of Q, x of P = 8 Q
    ("", "608d892b641f0328523802a6603427c26e55e6f27e71a91a478148d45b5093cd",
     "51125222da5e763d97f3c10fcc92ea6860b9ccbbd2eb1285728f566721c1e65b",
     "1bb913f0c9daefa0b3375378ffa534bda5526c97391952a7789eb976edfe4d08"),
    ("abc", "46f5b22494bfeaa7f232cc8d054be68561af50230234d7d1d63d1d9abeca8da5",
     "7d56d1e08cb0ccb92baf069c18c49bb5a0dcd927eff8dcf75ca921ef7f3e6eeb",
     "7c22950b7d900fa866334262fcaea47a441a578df43b894b4625c9b450f9a026"),
    ("abcdef0123456789", "235fe40c443766ce7e18111c33862d66c3b33267efa50d50f9e8e5d252a40aaa",
     "3fbe66b9c9883d79e8407150e7c2a1c8680bee496c62fabe4619a72b3cabe90f",
     "31ad08a8b0deeb2a4d8b0206ca25f567ab4e042746f792f4b7973f3ae2096c52"),
    ("q128_" + "q" * 128, "001e92a544463bda9bd04ddbe3d6eed248f82de32f522669efc5ddce95f46f5b",
     "227e0bb89de700385d19ec40e857db6e6a3e634b1c32962f370d26f84ff19683",
     "027877759d155b1997d0d84683a313eb78bdb493271d935b622900459d52ceaa"),
    ("a512_" + "a" * 512, "1a68a1af9f663592291af987203393f707305c7bac9c8d63d6a729bdc553dc19",
     "3bcd651ee54d5f7b6013898aab251ee8ecc0688166fce6e9548d38472f6bd196",
     "5fd892c0958d1a75f54c3182a18d286efab784e774d1e017ba2fb252998b5dc1"),
)  # fmt: skip
SMALL = (  # x of all points of small order, and the same beyond the prime
    0, 1, PRIME - 1, PRIME, PRIME + 1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
)  # fmt: skip


def bytes_of(*numbers):
    return [n.to_bytes(SIZE, "little") for n in numbers]


def number(point):
    return int.from_bytes(point, "little")


def slowly(u):
    """Map a number to the x coordinate of a point."""
    x = -CURVE * pow(1 + 2 * u * u, -1, PRIME) % PRIME
    return x if on_curve(x) else (-x - CURVE) % PRIME


def on_curve(x):
    return pow(x**3 + CURVE * x * x + x, (PRIME - 1) // 2, PRIME) <= 1


def ladder(k, x):
    """Multiply by Montgomery's ladder (RFC 7748)."""
    x2, z2, x3, z3 = 1, 0, x, 1
    for bit in f"{k:b}":
        if bit == "1":
            x2, z2, x3, z3 = x3, z3, x2, z2
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        e = a * a - b * b
        x3, z3 = (d * a + c * b) ** 2 % PRIME, x * (d * a - c * b) ** 2 % PRIME
        x2, z2 = a * a * b * b % PRIME, e * (a * a + (CURVE - 2) // 4 * e) % PRIME
        if bit == "1":
            x2, z2, x3, z3 = x3, z3, x2, z2
    return x2 * pow(z2, -1, PRIME) % PRIME


@pytest.mark.parametrize(("message", "u", "q", "p"), EXAMPLES, ids=[e[0][:5] for e in EXAMPLES])
def test_the_examples_of_the_standard(message, u, q, p):
    tag = b"QUUX-V01-CS02-with-" + SUITE
    assert f"{fields([message], tag)[0]:064x}" == u
    (found,) = points([message], tag)
    assert f"{number(found):064x}" == q
    assert f"{ladder(8, number(found)):064x}" == p


@settings(deadline=None)
@given(st.lists(st.integers(0, PRIME - 1), min_size=1, max_size=6))
def test_the_kernel_is_its_slow_twin(numbers):
    numbers += [0, 1, 2, PRIME - 1, 2**254, 2**128 - 1]
    given_ = np.frombuffer(b"".join(bytes_of(*numbers)), "<i8").reshape(-1, 4)
    found = [number(row.tobytes()) for row in mapped(given_)]
    assert found == [slowly(u) for u in numbers]
    assert all(on_curve(x) and x < PRIME for x in found)


def test_multiplying_is_the_ladder():
    times, ids = secret(), [f"id{i}" for i in range(4)]
    assert [number(p) for p in split(blinded(ids, times))] == [
        ladder(number(times), number(p)) for p in points(ids)
    ]


def test_what_one_number_does_another_undoes():
    ids = [f"91{i:016}" for i in range(20)]
    for _ in range(8):
        a, b = secret(), secret()
        back = undoing(a)
        for n in (number(a), number(back)):  # as X25519 takes them, unchanged
            assert n % 8 == 0
            assert 2**254 <= n < 2**255
        assert number(a) * number(back) % ORDER == 1
        there = split(multiplied(split(blinded(ids, a)), b))
        assert tagged(there, back) == blindly_tagged(ids, b)
        assert len(set(split(blinded(ids, a)))) == len(ids)


def test_half_of_all_numbers_can_be_undone():
    rng = np.random.default_rng(5)
    drawn = [8 * int(n) + 2**254 for n in rng.integers(0, 2**62, 400)]
    undone = [undoing(n.to_bytes(SIZE, "little")) for n in drawn]
    assert 140 < sum(u is not None for u in undone) < 260


@pytest.mark.parametrize("x", SMALL)
def test_points_of_small_order_are_refused(x):
    with pytest.raises(UnfitError, match="point 2"):
        multiplied([*points(["a"]), *bytes_of(x)], secret())


def test_processes_give_the_same_and_tell_of_small_orders(monkeypatch):
    monkeypatch.setattr("liandong.govern.sharing.points.MANY", 100)
    ids, times = [str(i) for i in range(201)], secret()
    there = spread(blinded, ids, times, 2)
    assert there == blinded(ids, times)
    with pytest.raises(UnfitError):
        spread(multiplied, [*split(there)[1:], bytes(SIZE)], times, 2)
