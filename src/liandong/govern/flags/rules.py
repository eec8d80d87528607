"""What makes a flag over spending: limits, words and caps, all of them to be set."""

from typing import Self

from pydantic import Field, model_validator

from liandong.errors import UnfitError
from liandong.schema.tables.flags import CATEGORIES
from liandong.step import Rule
from liandong.texts import both
from liandong.types import Money, Rate


class FlagRule(Rule):
    """What all red flags have.

    Attributes
    ----------
    cap
        Most of the rows looked at that one kind of flag may list. A kind beyond it says so and
        lists only its gravest flags.
    caps
        The same for single kinds of flags, by code.
    evidence
        How many rows of a flag are listed by their id; ``items`` counts them all.
    """

    cap: Rate = Field(default=Rate.parse("0.2%"), ge=0, le=1_000_000)
    caps: dict[str, Rate] = Field(default_factory=dict)
    evidence: int = Field(default=200, ge=1, le=100_000)

    def cap_of(self, code: str) -> int:
        """Return the cap of one kind of flag in parts per million."""
        return int(self.caps.get(code, self.cap))


class ExpenseRule(FlagRule):
    """Limits and words of the flags over expenses.

    Attributes
    ----------
    limit
        From here on somebody above has to approve.
    split_days, split_least
        Several lines of one unit and vendor within so many days, each below ``limit`` and not
        below ``split_least``, that reach it together.
    band, below_least, below_times
        Lines that miss ``limit`` by at most ``band``: at least so many of one member of staff, and
        so many times as many as lie as close above it.
    free_days
        Categories of which nothing is expected on days off.
    near_days
        Within how many days the same invoice written in another way is claimed again.
    serial_least
        How many invoices in a row of one vendor, claimed by the same member of staff.
    digit_categories, digit_least, first_mad, first_chi, two_mad, two_chi
        Benford's law, by member of staff for the first digit and by unit for the first two: which
        lines count, how many there have to be, and the mean absolute deviation and chi-square (8
        and 89 degrees of freedom) from which on. Bands of Nigrini 2012: one member of staff does
        not conform from .015 on; a unit, where the lines of many are mixed, is no longer close
        from .0012 on.
    two_numbers
        How many of the first two digits that a unit has too many of are shown.
    round_to, round_least, round_share
        A member of staff with at least so many multiples of ``round_to``, which are that share of
        the lines of at least that amount.
    spike_least, spike_share, spike_band
        One amount at least so many times in a unit, being that share of all within ``spike_band``
        of it.
    priced
        Categories with set prices: no spikes are looked for there.
    hotel_heads
        That many people of one unit in one hotel on one day.
    vendor_lines, vendor_amount, vendor_share
        A vendor with at least so many lines and so much money, of which one member of staff
        claimed that share.
    allowance_month
        The most allowance of a member of staff in a month.
    head_most
        The most for one guest of a banquet.
    gift_words, banquet_words
        Words that belong to another category than the one that was claimed.
    gift_categories, banquet_categories
        Where these words are at home.
    """

    limit: Money = Field(default=Money.parse("10_000 CNY"), gt=0)
    split_days: int = Field(default=7, ge=1, le=366)
    split_least: Money = Field(default=Money.parse("3_000 CNY"), gt=0)
    band: Rate = Field(default=Rate.parse("5%"), gt=0, lt=1_000_000)
    below_least: int = Field(default=6, ge=2)
    below_times: int = Field(default=3, ge=1)
    free_days: tuple[str, ...] = ("banquet", "gift")
    near_days: int = Field(default=60, ge=1, le=3_660)
    serial_least: int = Field(default=3, ge=2)
    digit_categories: tuple[str, ...] = ("meal", "transport", "office", "service", "goods", "other")
    digit_least: int = Field(default=200, ge=10)
    first_mad: Rate = Field(default=Rate.parse("0.015"), gt=0)
    first_chi: int = Field(default=60, ge=1)
    two_mad: Rate = Field(default=Rate.parse("0.0012"), gt=0)
    two_chi: int = Field(default=250, ge=1)
    two_numbers: int = Field(default=3, ge=1, le=90)
    round_to: Money = Field(default=Money.parse("1_000 CNY"), gt=0)
    round_least: int = Field(default=10, ge=2)
    round_share: Rate = Field(default=Rate.parse("50%"), gt=0, le=1_000_000)
    spike_least: int = Field(default=15, ge=2)
    spike_share: Rate = Field(default=Rate.parse("50%"), gt=0, le=1_000_000)
    spike_band: Rate = Field(default=Rate.parse("5%"), gt=0, lt=1_000_000)
    priced: tuple[str, ...] = ("allowance",)
    hotel_heads: int = Field(default=8, ge=2)
    vendor_lines: int = Field(default=10, ge=2)
    vendor_amount: Money = Field(default=Money.parse("50_000 CNY"), gt=0)
    vendor_share: Rate = Field(default=Rate.parse("90%"), gt=0, le=1_000_000)
    allowance_month: Money = Field(default=Money.parse("5_000 CNY"), gt=0)
    head_most: Money = Field(default=Money.parse("300 CNY"), gt=0)
    gift_words: tuple[str, ...] = (
        "礼品", "礼盒", "购物卡", "提货券", "月饼", "茶叶", "烟酒", "白酒", "土特产", "海鲜券",
    )  # fmt: skip
    gift_categories: tuple[str, ...] = ("gift",)
    banquet_words: tuple[str, ...] = (
        "宴请", "聚餐", "酒席", "包间", "海鲜酒楼", "农家乐", "会所", "酒水",
    )  # fmt: skip
    banquet_categories: tuple[str, ...] = ("banquet", "meal")

    @model_validator(mode="after")
    def _known(self) -> Self:
        given = (
            self.free_days, self.digit_categories, self.priced, self.gift_categories,
            self.banquet_categories,
        )  # fmt: skip
        unknown = {c for names in given for c in names} - {*CATEGORIES}
        if unknown:
            raise UnfitError(what=both("unfit.categories", names=", ".join(sorted(unknown))))
        return self
