"""The terms of lending as data: who is refused, how much is allowed, what capital costs."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from liandong.match.pricing.capital import Capital
from liandong.schema.field import MONEY_MOST
from liandong.step import Rule
from liandong.types import Money, Rate

HEAVIEST = 12_500_000
"""The largest risk weight there is, 1250 %, in ppm: capital for the whole amount."""


class Ban(BaseModel):
    """An entry of the negative list.

    Attributes
    ----------
    name
        Short name; its words are in the catalogue under ``measure``, or it stands for itself.
    basis
        The law or rule that forbids the loan.
    industries
        Codes of GB/T 4754; finer codes are banned with them, and a code too coarse to tell is too.
    purposes
        Words that the purpose of a project may not contain.
    valid_from, valid_to
        When the entry holds; None means without bound.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    basis: str
    industries: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Tell whether the entry is in force on a day."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)


NEGATIVE_LIST = (
    Ban(
        name="property_development",
        basis="银发〔2003〕121号《关于进一步加强房地产信贷业务管理的通知》第一条："
        "对房地产开发企业的贷款只能通过房地产开发贷款科目发放",
        industries=("K701",),
    ),
    Ban(
        name="speculation",
        basis="中国人民银行令1996年第2号《贷款通则》第二十条："
        "不得用贷款从事股本权益性投资，不得用贷款在有价证券、期货等方面从事投机经营",
        purposes=("股票", "证券", "期货", "股权投资"),
    ),
)


class Policy(BaseModel):
    """What policy wants more of; every project that is of it is worth more by the yuan.

    Attributes
    ----------
    name
        Short name; its words are in the catalogue under ``measure``, or it stands for itself.
    worth
        Value of each yuan lent to it, a year.
    industries, purposes
        Beginnings of codes of GB/T 4754, and words of the purpose; one of them is enough. Without
        either, every project is of it.
    technology
        Whether only technology firms are of it.
    jobs
        Jobs a million yuan asked for at which the whole worth counts; with fewer jobs less of it
        does, in proportion. 0: jobs do not matter. Who is not known to have staff has none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    worth: Rate = Field(ge=0, le=1_000_000)
    industries: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    technology: bool = False
    jobs: int = Field(default=0, ge=0, le=1_000_000)


class QuoteRule(Rule):
    """Who may be offered how much at what rate.

    Attributes
    ----------
    as_of
        Scores and features of this day are used.
    refused_grades
        Grades that get no loan.
    negative_list
        Industries and purposes that get no loan, with the legal basis.
    regions, industries
        Where applicants must be, as beginnings of codes; empty means anywhere.
    min_age_days
        Days that a firm must have existed.
    revenue_measure
        Feature that holds yearly sales in yuan; without it ``annual_revenue`` of the party counts.
    revenue_share
        A loan may be this share of yearly sales at most.
    micro_revenue
        A firm without a size class is small if its yearly sales are not above this.
    margin
        Added to the floor rate where it is not known how borrowers react to rates.
    hurdle, capital_ratio, risk_weight, covered_weight, irb
        Cost of capital; see :class:`liandong.match.pricing.capital.Capital`.
    technology_measure
        Feature that is above 0 for technology firms.
    surplus_weight, saving_weight, policy_weight
        What a yuan lent is worth is the sum of these times the surplus of the lender over all
        costs, the saving of the borrower (``reference_rate`` less what he pays in all, 0 at
        least), and the worth of the policies that the project is of.
    reference_rate
        What the borrower would pay elsewhere.
    policies
        What policy wants more of.
    """

    as_of: date
    refused_grades: tuple[str, ...] = ("D",)
    negative_list: tuple[Ban, ...] = NEGATIVE_LIST
    regions: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    min_age_days: int = Field(default=0, ge=0)
    revenue_measure: str = "sales_12m"
    revenue_share: Rate = Field(default=Rate(300_000), ge=0, le=1_000_000)
    micro_revenue: Money = Field(default=Money(1_000_000_000), ge=0, le=MONEY_MOST)
    margin: Rate = Field(default=Rate(10_000), ge=0, le=1_000_000)
    hurdle: Rate = Field(default=Rate(120_000), ge=0, le=1_000_000)
    capital_ratio: Rate = Field(default=Rate(105_000), ge=0, le=1_000_000)
    risk_weight: Rate = Field(default=Rate(750_000), ge=0, le=HEAVIEST)
    covered_weight: Rate = Field(default=Rate(200_000), ge=0, le=HEAVIEST)
    irb: bool = False
    technology_measure: str = "patents_24m"
    surplus_weight: Rate = Field(default=Rate(1_000_000), ge=0, le=1_000_000)
    saving_weight: Rate = Field(default=Rate(0), ge=0, le=1_000_000)
    policy_weight: Rate = Field(default=Rate(0), ge=0, le=1_000_000)
    reference_rate: Rate = Field(default=Rate(0), ge=0, le=1_000_000)
    policies: tuple[Policy, ...] = ()

    @property
    def capital(self) -> Capital:
        """What the owners want for their capital."""
        weights = (self.risk_weight, self.covered_weight)
        return Capital(self.hurdle, self.capital_ratio, *weights, irb=self.irb)
