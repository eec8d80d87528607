"""Auctions with known answers, and published values of the hash that draws the lots."""

import numpy as np
import pytest

from liandong.kernels.allocation.lots import lots
from liandong.match import exchange
from liandong.types import Rate
from support.orders import book

# kchristidis/dauction, "buyers 2@6.5, 2@10; sellers 2@6.5, 2@11", in yuan.
DAUCTION = [("buy", 2, 650), ("buy", 2, 1000), ("sell", 2, 650), ("sell", 2, 1100)]


def test_the_published_double_auction():
    got = exchange(book(s=DAUCTION))
    row = got["clearing"].to_pylist()[0]
    assert (row["price"], row["volume"], row["paid"], row["kept"]) == (825, 2, 1650, 0)
    assert row["gain"] == 2 * (1000 - 650)
    assert got["trade"].select(["quantity", "price", "amount"]).to_pylist() == [
        {"quantity": 2, "price": 825, "amount": 1650}
    ]


@pytest.mark.parametrize(("share", "price"), [("0%", 650), ("25%", 737), ("100%", 1000)])
def test_the_share_places_the_price(share, price):
    got = exchange(book(s=DAUCTION), share=Rate.parse(share))
    assert got["clearing"]["price"].to_pylist() == [price]


def test_mcafee_with_a_price_from_outside_and_without():
    # Single units, bids 10 9 8 7 and offers 2 4 6 9: three pairs trade; the middle of 7 and 9 is 8,
    # which suits the third pair (8, 6). With an offer of 12 instead of 9 it is 9.5, which does not:
    # two pairs trade, buyers pay 8 and sellers get 6.
    bids = [("buy", 1, 100 * p) for p in (10, 9, 8, 7)]
    for last, volume, paid, got in ((9, 3, 800, 800), (12, 2, 800, 600)):
        offers = [("sell", 1, 100 * p) for p in (2, 4, 6, last)]
        row = exchange(book(s=bids + offers), mechanism="mcafee")["clearing"].to_pylist()[0]
        assert (row["volume"], row["price"], row["seller_price"]) == (volume, paid, got)
        assert row["kept"] == volume * (paid - got)


@pytest.mark.parametrize(
    ("length", "value"),
    [(0, 0x726FDB47DD0E0E31), (1, 0x74F839C593DC67FD), (15, 0xA129CA6149BE45E5)],
)
def test_lots_are_siphash(length, value):
    # Test values of the authors: key 00 01 .. 0f, message 00 01 ..
    key = np.frombuffer(bytes(range(16)), "<u8").astype(np.uint64)
    text = np.frombuffer(bytes(range(length)), np.uint8)
    assert int(lots(text, np.array([0, length]), key)[0]) == value
