"""The terms of all products as arrays: amounts, rates, costs, and the risk that each can bear."""

from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.match.pricing.capital import Capital
from liandong.match.pricing.costs import NO_RATE, Costs
from liandong.texts import both
from liandong.types import PPM

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

OPTIONAL = ("subsidy_rate", "lender_fee_rate", "borrower_fee_rate")
"""Rates that are 0 where a product does not name them."""


class Terms(NamedTuple):
    """Products in order of their ids; amounts in fen, rates and shares in ppm, terms in months.

    ``least`` is the least amount in whole steps. ``cap`` is the highest rate of a product or the
    policy ceiling, whichever is lower; ``ceiled`` tells where it is the ceiling.
    """

    product: pa.Array
    least: Int
    most: Int
    step: Int
    term: Int
    min_rate: Int
    cap: Int
    ceiled: Bool
    funding: Int
    operating: Int
    lgd: Int
    cover: Int
    subsidy: Int
    lender_fee: Int
    borrower_fee: Int

    @classmethod
    def of(cls, product: pa.Table) -> Self:
        """Read the table of products.

        Raises
        ------
        DataError
            If a product is there twice, or its amounts or rates cannot be.
        """
        products = product.sort_by("product_id").combine_chunks()
        ids = products["product_id"].combine_chunks()
        said = {
            f.name: products[f.name].cast(pa.int64()).combine_chunks()
            for f in products.schema
            if pa.types.is_integer(f.type)
        }
        names = ids.to_pylist()
        _must_be(
            ids,
            np.array([a != b for a, b in pairwise([*names, None])], bool),
            "fault.product_twice",
        )
        t = {n: pc.fill_null(c, 0).to_numpy(zero_copy_only=False) for n, c in said.items()}
        amounts = np.column_stack([t["min_amount"], t["max_amount"], t["step_amount"]])
        _must_be(
            ids,
            (amounts > 0).all(axis=1) & (amounts[:, 0] <= amounts[:, 1]),
            "fault.product_amounts",
        )
        shares = np.column_stack(
            [t[n] for n in t if "rate" in n or n in ("lgd", "guarantee_cover")]
        )
        bounded = ((shares >= 0) & (shares <= PPM)).all(axis=1)
        _must_be(ids, bounded & (t["min_rate"] <= t["max_rate"]), "fault.product_rates")
        told = said["ceiling_rate"].is_valid().to_numpy(zero_copy_only=False)
        ceiled = told & (t["ceiling_rate"] < t["max_rate"])
        subsidy, lender_fee, borrower_fee = (t[n] for n in OPTIONAL)
        return cls(
            product=ids,
            least=-(-t["min_amount"] // t["step_amount"]) * t["step_amount"],
            most=t["max_amount"],
            step=t["step_amount"],
            term=t["term_months"],
            min_rate=t["min_rate"],
            cap=np.where(ceiled, t["ceiling_rate"], t["max_rate"]),
            ceiled=ceiled,
            funding=t["funding_rate"],
            operating=t["operating_rate"],
            lgd=t["lgd"],
            cover=t["guarantee_cover"],
            subsidy=subsidy,
            lender_fee=lender_fee,
            borrower_fee=borrower_fee,
        )

    def costs(self, product: Int, pd: Int, capital: Capital) -> Costs:
        """Return the costs of a yuan lent; ``product`` and ``pd`` (ppm) are those of each pair."""
        cover, lgd = self.cover[product], self.lgd[product]
        return Costs.of(
            pd, self.funding[product], self.operating[product], lgd, cover,
            np.broadcast_to(capital.charge(cover, pd, lgd), pd.shape), self.lender_fee[product],
        )  # fmt: skip

    def bearable(self, capital: Capital) -> Int:
        """Return the highest default probability, ppm, at which each product can have a price.

        That is, at which the floor rate is not above the cap; -1 if there is none. More risk never
        costs less, so that halving finds it.
        """
        every = np.arange(len(self.cap))
        low, high = np.full(len(every), -1), np.full(len(every), PPM)
        while (low < high).any():
            middle = low + (high - low + 1) // 2
            floor = self.costs(every, middle, capital).floor_rate()
            dear = self.dear(every, floor) & (low < high)
            low, high = np.where(dear, low, middle), np.where(dear, middle - 1, high)
        return low

    def dear(self, product: Int, floor: Int) -> Bool:
        """Tell where a floor rate, or the lowest rate of the product, is above the cap."""
        least = np.maximum(floor, self.min_rate[product])
        return np.asarray((floor == NO_RATE) | (least > self.cap[product]))


def _must_be(ids: pa.Array, ok: Bool, fault: str) -> None:
    if not ok.all():
        what = both(fault, product=ids[int(ok.argmin())].as_py())
        raise DataError(file="product", what=what, remedy=both("advice.mend_terms"))
