"""Thresholds of the early-warning signals: one frozen rule a signal, with three levels."""

from datetime import date, timedelta
from typing import Literal

from pydantic import Field

from liandong.step import Rule
from liandong.types import Rate
from liandong.watch.signals.calendar import SHANGHAI, Zone
from liandong.watch.signals.graded import Graded

Level = Literal["yellow", "orange", "red"]
Code = Literal["T1", "T2", "L1", "J1", "U1", "H1", "C1", "G1", "F1", "F2", "A1", "R1"]


class TaxDropRule(Graded):
    """T1: declared sales of three months, as a share of the same months a year before.

    Attributes
    ----------
    yellow, orange, red
        The share is below this.
    measure
        Tag of the ``tax`` events that tell declared sales.
    due_days
        Days after the end of a month by which its filing should be there.
    filings, filings_level
        So many zero or late filings in the three months are of this level.
    """

    yellow: Rate = Rate(800_000)
    orange: Rate = Rate(600_000)
    red: Rate = Rate(400_000)
    measure: str = "declared_sales"
    due_days: int = Field(default=20, ge=0, le=365)
    filings: int = Field(default=2, ge=1, le=3)
    filings_level: Level = "yellow"


class InvoiceChangeRule(Graded):
    """T2: invoices of 30 days against the usual, cancelled invoices, buyers that concentrate.

    Attributes
    ----------
    yellow, orange, red
        The latest block is below this share of the median of those before it.
    block_days, blocks, min_blocks
        Length of a block, how many say what is usual, and how many a firm needs.
    usual_least
        A firm is judged by its blocks if the usual one (median) has so many invoices: of few, half
        can be missing by chance.
    recent_days, least
        The other two look at so many days, and need so many invoices there.
    cancelled
        More than this share of the invoices was voided or reversed: yellow.
    concentration
        The Herfindahl index of buyers rose by this or more against the year before: yellow.
    """

    yellow: Rate = Rate(500_000)
    orange: Rate = Rate(300_000)
    red: Rate = Rate(100_000)
    block_days: int = Field(default=30, ge=1, le=366)
    blocks: int = Field(default=12, ge=1, le=120)
    min_blocks: int = Field(default=6, ge=1)
    usual_least: int = Field(default=10, ge=0)
    recent_days: int = Field(default=90, ge=1, le=366)
    least: int = Field(default=10, ge=1)
    cancelled: Rate = Rate(200_000)
    concentration: Rate = Rate(250_000)


class OverdueRule(Graded):
    """L1: days past due of loans, and what comes before them.

    Attributes
    ----------
    yellow, orange, red
        Days past due are this many or more.
    due_day
        Day of the month on which a payment on a loan is due, from the month after it was paid out.
    early_days
        A payment so many days before a due day, or less, is the one that was due then.
    first_level
        Level of a loan on which the very first payment is missing.
    utilisation, utilisation_days
        More than this of a credit line is used for so many days without a break: yellow.
    enquiries, enquiry_days
        So many enquiries of lenders in so many days: yellow.
    """

    yellow: int = Field(default=1, ge=1)
    orange: int = Field(default=16, ge=1)
    red: int = Field(default=31, ge=1)
    due_day: int = Field(default=21, ge=1, le=28)
    early_days: int = Field(default=10, ge=0, le=27)
    first_level: Level = "orange"
    utilisation: Rate = Rate(900_000)
    utilisation_days: int = Field(default=90, ge=1, le=3_650)
    enquiries: int = Field(default=5, ge=1)
    enquiry_days: int = Field(default=30, ge=1, le=3_650)


class JudicialRule(Graded):
    """J1: sued for loans or payments, enforced against, listed as a dishonest debtor.

    Attributes
    ----------
    yellow
        What new cases claim is more than this share of a year's sales.
    orange, red
        None: enforcement and lists are of these levels by themselves.
    disputes
        Tags of cases that count; cases without a tag do.
    case_days, standing_days
        How long a case is new, and how long enforcement, a freeze of equity or a list count.
    """

    yellow: Rate = Rate(50_000)
    orange: None = None
    red: None = None
    disputes: tuple[str, ...] = ("loan", "payment")
    case_days: int = Field(default=90, ge=1, le=3_650)
    standing_days: int = Field(default=365, ge=1, le=3_650)


class UtilityDropRule(Graded):
    """U1: use of electricity or water, as a share of the same month a year before.

    Attributes
    ----------
    yellow, orange
        The share, divided by the median share of the sector, is below this two months running.
    red
        None: supply that was cut off is red by itself.
    measure
        Tag of the ``utility`` events that tell the use.
    due_days
        Days after the end of a month by which its meter is read.
    sector_least
        Sectors with fewer firms than this are not adjusted for.
    recent_days
        How long arrears (yellow) and a cut-off count.
    """

    yellow: Rate = Rate(700_000)
    orange: Rate = Rate(500_000)
    red: None = None
    measure: str = "kwh"
    due_days: int = Field(default=10, ge=0, le=365)
    sector_least: int = Field(default=5, ge=1)
    recent_days: int = Field(default=60, ge=1, le=3_650)


class StaffDropRule(Graded):
    """H1: fall of insured staff within three months, and social security that is not paid.

    Attributes
    ----------
    yellow, orange
        The fall is this share or more.
    red
        None: arrears of social security are red by themselves.
    measure
        Tag of the ``staff`` events that tell insured staff.
    due_days
        Days after the end of a month by which it is reported.
    least
        Firms that had fewer staff than this are not judged by the fall.
    arrears, arrears_days
        So many months of arrears seen in so many days are red.
    """

    yellow: Rate = Rate(200_000)
    orange: Rate = Rate(400_000)
    red: None = None
    measure: str = "insured"
    due_days: int = Field(default=25, ge=0, le=365)
    least: int = Field(default=5, ge=1)
    arrears: int = Field(default=2, ge=1)
    arrears_days: int = Field(default=75, ge=1, le=3_650)


class CustomersRule(Graded):
    """C1: share of a year's inflow from customers in trouble.

    Attributes
    ----------
    yellow, orange, red
        The share is more than this.
    days
        The year.
    tags
        Kinds of transfers that are income.
    """

    yellow: Rate = Rate(100_000)
    orange: Rate = Rate(200_000)
    red: Rate = Rate(400_000)
    days: int = Field(default=365, ge=1, le=3_650)
    tags: tuple[str, ...] = ("transfer",)


class GuaranteesRule(Graded):
    """G1: firms that guarantee each other.

    Attributes
    ----------
    yellow, orange
        What a firm of a chain guarantees is more than this many times its net assets.
    red
        None: a default within ``hops`` guarantees is red by itself.
    kinds
        Kinds of parties whose guarantees tie; guarantee funds and banks tie nobody.
    hops
        How far a default reaches.
    """

    yellow: Rate = Rate(1_000_000)
    orange: Rate = Rate(2_000_000)
    red: None = None
    kinds: tuple[str, ...] = ("firm", "person", "coop")
    hops: int = Field(default=2, ge=1, le=10)


class FundReturnRule(Graded):
    """F1: loan money that comes back to the borrower or to somebody related.

    Attributes
    ----------
    yellow, orange, red
        The share of the loan is more than this.
    days, hops
        Within so many days of paying out, along so many transfers at most.
    standing_days
        Loans paid out so many days ago or less are judged.
    """

    yellow: Rate = Rate(100_000)
    orange: Rate = Rate(300_000)
    red: Rate = Rate(600_000)
    days: int = Field(default=30, ge=1, le=3_650)
    hops: int = Field(default=4, ge=1, le=20)
    standing_days: int = Field(default=365, ge=1, le=3_650)


class CirculationRule(Graded):
    """F2: loan money that does no work, or repays another loan.

    Attributes
    ----------
    yellow, orange
        The share of the loan is more than this.
    red
        None.
    days
        Within so many days of paying out.
    uses
        Kinds of accounts where money does no work.
    standing_days
        As of F1.
    """

    yellow: Rate = Rate(200_000)
    orange: Rate = Rate(500_000)
    red: None = None
    days: int = Field(default=5, ge=1, le=3_650)
    uses: tuple[str, ...] = ("deposit", "wealth", "securities", "property")
    standing_days: int = Field(default=365, ge=1, le=3_650)


class AccountUseRule(Graded):
    """A1: inflow that dries up, and accounts that money only passes through.

    Attributes
    ----------
    yellow, orange
        Inflow of ``days`` is below this share of the ``days`` before.
    red
        None.
    tags
        Kinds of transfers that count as inflow; what is lent does not.
    through, hours, balance, through_days, through_level
        In so many days more than this share of what came in went out within so many hours, while
        the mean balance over night, above the lowest one, was below this share of what came in.
    """

    yellow: Rate = Rate(600_000)
    orange: Rate = Rate(400_000)
    red: None = None
    days: int = Field(default=90, ge=1, le=1_000)
    tags: tuple[str, ...] = ("transfer", "cash")
    through: Rate = Rate(950_000)
    hours: int = Field(default=24, ge=1, le=240)
    balance: Rate = Rate(50_000)
    through_days: int = Field(default=30, ge=2, le=366)
    through_level: Level = "yellow"


class RegistryRule(Graded):
    """R1: changes in the register of companies, added up by weight.

    Attributes
    ----------
    yellow, orange, red
        The sum of weights is this or more.
    days
        How long a change counts.
    weights
        Weight of each tag of ``registry`` events; ``penalty`` also weighs events of that kind.
    """

    yellow: int = Field(default=1, ge=1)
    orange: int = Field(default=3, ge=1)
    red: int = Field(default=5, ge=1)
    days: int = Field(default=180, ge=1, le=3_650)
    weights: dict[str, int] = Field(
        default={
            "legal_person": 1, "address": 1, "pledge": 1, "penalty": 1, "capital_cut": 2,
            "abnormal": 3, "licence": 3,
        }
    )  # fmt: skip


class SignalsRule(Rule):
    """Which signals are judged, when, and by which thresholds.

    Attributes
    ----------
    as_of
        The last day that is judged, as far as it was known in the evening of that day.
    moments, every_days
        How many days are judged: ``as_of``, and others before it at this distance.
    zone
        The time zone whose calendar tells on which day something falls, and when a day ends.
    quiet
        Whether rows are written of those of whom there is nothing to warn; they cool alerts down.
    without
        Signals that are left out.
    t1, t2, l1, j1, u1, h1, c1, g1, f1, f2, a1, r1
        The rules of the signals. A warning names the id of the one it goes by, which does not
        change from day to day. A rule counts on the days on which it is in force.

    Examples
    --------
    >>> rule = SignalsRule.from_toml('''
    ... as_of = 2025-06-30
    ... [t1]
    ... yellow = "85%"
    ... [l1]
    ... orange = 8
    ... ''')
    >>> rule.t1.thresholds(), rule.l1.thresholds()
    ([0.85, 0.6, 0.4], [1.0, 8.0, 31.0])
    """

    as_of: date
    moments: int = Field(default=1, ge=1, le=1_000)
    every_days: int = Field(default=7, ge=1, le=366)
    zone: Zone = SHANGHAI
    quiet: bool = True
    without: tuple[Code, ...] = ()
    t1: TaxDropRule = TaxDropRule()
    t2: InvoiceChangeRule = InvoiceChangeRule()
    l1: OverdueRule = OverdueRule()
    j1: JudicialRule = JudicialRule()
    u1: UtilityDropRule = UtilityDropRule()
    h1: StaffDropRule = StaffDropRule()
    c1: CustomersRule = CustomersRule()
    g1: GuaranteesRule = GuaranteesRule()
    f1: FundReturnRule = FundReturnRule()
    f2: CirculationRule = CirculationRule()
    a1: AccountUseRule = AccountUseRule()
    r1: RegistryRule = RegistryRule()

    def days(self) -> list[date]:
        """Return the days that are judged, in order."""
        back = range(self.moments - 1, -1, -1)
        return [self.as_of - timedelta(days=k * self.every_days) for k in back]

    def section(self, code: str) -> Graded:
        """Return the rule of a signal."""
        found: Graded = getattr(self, code.lower())
        return found

    def judged(self, code: str, day: date) -> bool:
        """Tell whether a signal is judged on a day."""
        return code not in self.without and self.section(code).holds_on(day)
