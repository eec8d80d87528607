"""The whole loop on one board: assess → match → settle → watch → trace → survey, approved by two.

What a first user runs, and what the demo and the benchmark measure. It only calls the steps that
anybody can call one by one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from importlib.util import find_spec
from typing import Any

from liandong.board import Board
from liandong.errors import DataError
from liandong.govern.versions import AGREEMENT
from liandong.step import Run, Step
from liandong.texts import both
from liandong.types import Money, Rate

MAKER, CHECKER = "maker@demo", "checker@demo"
"""Who proposes and who approves in the demonstration; nobody approves what he made."""

MICRO_PLUS_5 = Rate(750_000)
"""Five points above the share of small firms that an allocation holds by default."""


KILOGRAMS = 3
"""Places of a tonne of coal equivalent, as the agreements of the demonstration count it."""


SITES, NEAR = 31, 100_000
"""Service points that the demonstration opens, and metres within which one covers a place."""


BOUNDED = 3
"""Loans, the newest, that the demonstration bounds: old ones take long."""


WINDOW_DAYS, WEEKS, BASELINE = 7, 8, 4
"""Days whose events tell windows in the demonstration; weeks whose last day is judged by signals,
and how many of them say what is usual."""


QUEUES: tuple[dict[str, Any], ...] = (
    {"name": "red", "level": "red", "days": 5, "people": ("li", "wang", "zhao")},
    {"name": "usual", "days": 20, "people": ("li", "wang")},
)
"""Who works the alerts of the demonstration; those of the first queue are assigned at once."""

_PAID = ("payment_in", "payment_out")
WATCHED: dict[str, Any] = {
    "late": "90d",
    "windows": (
        {"name": "inflow", "fn": "velocity", "over": "30d", "against": "180d", "of": "amount",
         "where": {"kinds": _PAID[:1]}},
        {"name": "times_in", "fn": "count", "over": "180d", "where": {"kinds": _PAID[:1]}},
        {"name": "in_24h", "fn": "sum", "over": "24h", "of": "amount",
         "where": {"kinds": _PAID[:1]}},
        {"name": "out_24h", "fn": "sum", "over": "24h", "of": "amount",
         "where": {"kinds": _PAID[1:]}},
    ),
    "rules": (
        {"code": "inflow", "when": "times_in >= 24 && inflow < 0.35", "level": "orange"},
        {"code": "through", "when": "in_24h > 50000000 && out_24h * 100 >= in_24h * 95",
         "level": "orange"},
    ),
    "shadow": (
        {"code": "inflow", "when": "times_in >= 24 && inflow < 0.5", "level": "orange"},
    ),
}  # fmt: skip
"""Rules over single payments: much less comes in than usual, or what comes in goes out at once."""


ISLAND_LINK: dict[str, Any] = {
    "network": "rail", "src": "R460000", "dst": "R440000", "minutes": 150,
}  # fmt: skip
"""A link by rail that the demonstration weighs: the capital without trains, and the nearest."""


COVERED = "B000002"
"""A bank of the demonstration whose losses are shared and whose interest is subsidised."""


POLICIES: tuple[dict[str, Any], ...] = (
    {"name": "in_force"},
    {"name": "cover", "terms": ({"guarantee_cover": Rate(800_000)},)},
    {"name": "ceiling",
     "terms": ({"ceiling_rate": Rate(60_000), "subsidy_rate": Rate(10_000)},)},
)  # fmt: skip
"""Policies that the demonstration tries for two years: more guarantees, or a ceiling of rates."""
HALF_YEARS, PLAYED = 4, 6
"""Periods of six months, and how often they are played."""


AGREEMENTS: tuple[dict[str, Any], ...] = (
    {
        "name": "park",
        "parties": {"host": "340000", "home": "310000"},
        "text": """
        agreement tax {
          unit CNY/2; parties host, home; valid 2023-01-01..2032-12-31
          base yearly = tax.vat.local + tax.cit.local least 500_000_000.00
          tier <= 800_000_000.00 { host 1/2; home 1/2 }
          tier rest { host 2/5; home 3/5 }
          years 6..10 replace tier rest { host 1/2; home 1/2 }
          floor host 300_000_000.00 per year paid by home up to 50_000_000.00
          cap home 900_000_000.00 per year excess to host }
        agreement gdp {
          unit GDP/2; parties host, home
          base yearly = gdp.park
          tier rest { host 1/2; home 1/2 } }""",
    },
    {
        "name": "quota",
        "parties": {"user": "310000", "giver": "150000"},
        "text": """
        agreement swap {
          unit tce/3; parties user, giver; valid 2023-01-01..2032-12-31
          base cumulative = quota.moved
          tier <= 300_000.000 { user 2/3; giver 1/3 }
          tier rest { user 1/2; giver 1/2 } }""",
    },
    {
        "name": "river",
        "parties": {"above": "340000", "below": "330000"},
        "text": """
        agreement fund {
          unit CNY/2; parties above, below; valid 2023-01-01..2032-12-31
          base yearly = river.fund
          tier rest { above 1/2; below 1/2 }
          cap below 80_000_000.00 per year excess to above }
        agreement reward {
          unit CNY/2; parties above, below
          base yearly = river.met
          tier rest { above 1 } }
        agreement penalty {
          unit CNY/2; parties above, below
          base yearly = river.missed
          tier rest { below 1 } }""",
    },
    {
        "name": "credit",
        "parties": {"bank": COVERED, "fund": "U000001", "province": "330000"},
        "text": """
        losses cover {
          unit CNY/2; parties bank, fund, province; valid 2023-01-01..2032-12-31
          base cumulative = loan.loss
          layer first 1/1000 of loan.lent { bank 1 }
          layer next { bank 1/5; fund 2/5; province 2/5 cap 30_000_000.00 excess to bank } }
        subsidy interest {
          principal = loan.principal
          rate min(loan.rate - 1/100, 2/100); day-count act/360; months 1..120
          paid by province to bank }""",
    },
)
"""Agreements of the demonstration: a joint park, a swap of energy quota, a river, the losses of a
bank and a subsidy of its interest."""

RIVER_PAYMENTS: tuple[dict[str, Any], ...] = (
    {"section": "JIEKOU", "amount": "100_000_000 CNY", "met": "river.met",
     "missed": "river.missed"},
)  # fmt: skip
"""What a year of good water costs the province below, and a bad one the province above."""

LOAN_BASES: tuple[dict[str, Any], ...] = (
    {"base": "loan.loss", "what": "loss", "lenders": (COVERED,)},
    {"base": "loan.lent", "what": "lent", "lenders": (COVERED,)},
    {"base": "loan.principal", "what": "outstanding", "lenders": (COVERED,)},
    {"base": "loan.rate", "what": "rate", "lenders": (COVERED,)},
)
"""What the last of these agreements shares, worked out from the loans of the bank."""


@dataclass(frozen=True)
class Dates:
    """When the loop looks.

    Attributes
    ----------
    learn
        The scorecard learns from what was known on this day and what happened afterwards.
    as_of
        Firms are scored, matched and watched on this day.
    """

    learn: date
    as_of: date


BUDGET_A_FIRM = Money.parse("50_000 CNY")
"""The demonstration's budget grows with the world, so that it always binds."""

ELASTICITY = 4.0
"""Of trade to its cost, with which the demonstration tells what borders are like in price."""

LEAST_ADVANCE, MOST_ON_A_BUYER = Money.parse("2_000_000 CNY"), Money.parse("20_000_000 CNY")
"""The demonstration finances receivables of some size, and not too many on one buyer."""

CUMCM = Dates(date(2019, 12, 31), date(2019, 12, 31))
"""The contest data give outcomes without dates, and end in the weeks of Spring Festival 2020."""


def world_dates(board: Board) -> Dates:
    """Return the last day of the world on the board, and the same day a year before.

    Raises
    ------
    DataError
        If the board holds no projects.
    """
    day = board.sql("SELECT max(asked_on) AS day FROM project")["day"][0].as_py()
    if day is None:
        raise DataError(
            file="project",
            what=both("fault.no_projects"),
            remedy=both("advice.load_projects"),
        )
    return Dates(day.replace(year=day.year - 1, day=min(day.day, 28)), day)


def loop(board: Board, dates: Dates, budget: Money) -> list[tuple[str, Callable[[], Run]]]:
    """Return the stages as (name, work), to be done in this order.

    Parameters
    ----------
    board
        With parties, invoices and projects loaded.
    dates
        When to learn and when to look.
    budget
        What all lenders together may lend.
    """
    from liandong import assess, govern, match, settle, survey, trace, watch

    maker, checker = board.acting(MAKER), board.acting(CHECKER)
    learn, day = dates.learn, dates.as_of
    later = learn != day  # firms are seen again on a later day than they were learnt from
    data = len(board.table("data_asset")) > 0
    before = learn - (day - learn)
    days, since = sorted({learn, day}), day - timedelta(days=WINDOW_DAYS)

    def at(step: Step, *on: date, **params: object) -> list[tuple[str, Callable[[], Run]]]:
        rules = (step.rule.make(as_of=d, **params) for d in on)
        return [(step.name, partial(maker.run, step, rule=r)) for r in rules]

    def approved(step: Step, **params: object) -> Run:
        if not maker.approved(step):
            checker.approve(maker.propose(step))
        return maker.run(step, rule=step.rule.make(as_of=day, **params))

    def opened() -> Run:
        run = maker.run(watch.triage, as_of=day, queues=QUEUES)
        maker.cases.open()
        maker.cases.balance("red")
        return run

    def ruled() -> Run:
        if not board.rule_versions("payments"):
            rule = watch.WatchRule.make(**WATCHED)
            checker.approve(maker.propose_rules("payments", rule, "demonstration"))
        return maker.run(watch.rulebook)

    def bound() -> Run:
        newest = board.sql(
            "SELECT loan_id FROM flow WHERE kind = 'disbursement' AND loan_id IS NOT NULL"
            " GROUP BY loan_id ORDER BY max(flow.at) DESC, loan_id LIMIT ?",
            [BOUNDED],
        )
        return maker.run(trace.bounds, loans=newest["loan_id"].to_pylist())

    return [
        *at(assess.features, *([before] if later else []), *days),
        *at(assess.innovation, *([day] if later else [])),
        *at(assess.fit, learn),
        *at(assess.score, *days),
        *at(assess.explain, day),
        *at(assess.validate, learn),
        *at(assess.scale, learn),
        *at(assess.challenge, *([learn] if find_spec("lightgbm") else [])),
        *at(assess.drift, day),
        *at(assess.leak_alarm, learn),
        # What a scorecard would have been worth that was learnt a year before.
        *at(assess.backtest, *([before] if later else []), judged=learn),
        *at(match.receivables, day, least=LEAST_ADVANCE, buyer_most=MOST_ON_A_BUYER),
        *at(match.data_value, *([day] if data else [])),
        *at(match.data_limit, *([day] if data else [])),
        *at(match.pool, day),
        *at(match.quote, day),
        *at(match.allocate, day, budget=budget),
        *at(match.syndicate, day),
        *at(match.bid_prices, day, budget=budget),
        *at(match.decide, day, budget=budget),
        *at(match.stable, day),
        (match.exchange.name, partial(maker.run, match.exchange)),
        *at(match.explain, day),
        *at(match.explore, day, name="budget_plus_5", budget=Money(int(budget) * 105 // 100)),
        *at(match.explore, day, name="micro_plus_5", budget=budget, micro_share=MICRO_PLUS_5),
        *at(
            match.experiment,
            day,
            name="policies",
            periods=HALF_YEARS,
            months=6,
            demand="50%",
            replications=PLAYED,
            arms=[{**p, "budget": Money(budget // 2)} for p in POLICIES],
        ),
        (match.dispatch.name, partial(maker.run, match.dispatch)),
        (match.locate.name, partial(maker.run, match.locate, sites=SITES, radius=NEAR)),
        (settle.disburse.name, partial(approved, settle.disburse)),
        (settle.deliver.name, partial(approved, settle.deliver, places=KILOGRAMS)),
        (survey.water.name, partial(maker.run, survey.water, payments=RIVER_PAYMENTS)),
        *at(settle.loan_bases, day, bases=LOAN_BASES),
        (settle.share.name, partial(_share, maker, checker)),
        (settle.book.name, partial(maker.run, settle.book)),
        (settle.contract.name, partial(maker.run, settle.contract)),
        (settle.statement.name, partial(maker.run, settle.statement)),
        *at(match.pledge, day),
        *at(match.data_pledge, *([day] if data else [])),
        *at(match.data_cover, *([day] if data else [])),
        *at(assess.provision, *days),
        *at(assess.inclusion, *days),
        *at(watch.screen, day, pinyin=find_spec("pypinyin") is not None),
        (watch.events.name, partial(maker.run, watch.events)),
        (watch.windows.name, partial(maker.run, watch.windows, since=since)),
        *at(watch.signals, day, moments=WEEKS),
        *at(watch.portfolio, day, p1={"baseline": BASELINE}),
        (watch.rulebook.name, ruled),
        *at(watch.episodes, day),
        (watch.triage.name, opened),
        (watch.precision.name, partial(maker.run, watch.precision)),
        (trace.examine.name, partial(maker.run, trace.examine)),
        (trace.follow.name, partial(maker.run, trace.follow)),
        (trace.features.name, partial(maker.run, trace.features)),
        (trace.poison.name, partial(maker.run, trace.poison)),
        (trace.prune.name, partial(maker.run, trace.prune)),
        (trace.cases.name, partial(maker.run, trace.cases)),
        (trace.reconcile.name, partial(maker.run, trace.reconcile)),
        (trace.bounds.name, bound),
        (trace.ties.name, partial(maker.run, trace.ties)),
        (trace.groups.name, partial(maker.run, trace.groups)),
        (trace.circles.name, partial(maker.run, trace.circles)),
        (trace.idle.name, partial(maker.run, trace.idle)),
        (trace.owners.name, partial(maker.run, trace.owners, on=day)),
        (trace.vouchers.name, partial(maker.run, trace.vouchers)),
        (trace.pledged_twice.name, partial(maker.run, trace.pledged_twice)),
        (trace.circular_trade.name, partial(maker.run, trace.circular_trade)),
        (survey.align.name, partial(maker.run, survey.align)),
        (survey.gap.name, partial(maker.run, survey.gap)),
        (survey.convergence.name, partial(maker.run, survey.convergence)),
        (survey.mobility.name, partial(maker.run, survey.mobility)),
        (survey.dependence.name, partial(maker.run, survey.dependence)),
        (survey.circles.name, partial(maker.run, survey.circles)),
        (survey.arrivals.name, partial(maker.run, survey.arrivals)),
        (survey.link.name, partial(maker.run, survey.link, **ISLAND_LINK)),
        *at(survey.chain, day),
        *at(survey.ripple, day),
        *at(survey.upstreamness, day),
        (survey.outputs.name, partial(maker.run, survey.outputs)),
        (survey.complexity.name, partial(maker.run, survey.complexity)),
        (survey.opportunities.name, partial(maker.run, survey.opportunities)),
        (survey.partners.name, partial(maker.run, survey.partners)),
        (survey.specialisation.name, partial(maker.run, survey.specialisation)),
        (survey.entry.name, partial(maker.run, survey.entry)),
        (survey.segmentation.name, partial(maker.run, survey.segmentation)),
        (survey.logistics.name, partial(maker.run, survey.logistics)),
        (survey.flows.name, partial(maker.run, survey.flows)),
        (survey.gravity.name, partial(maker.run, survey.gravity, elasticity=ELASTICITY)),
        (survey.coupling.name, partial(maker.run, survey.coupling)),
        (survey.carbon.name, partial(maker.run, survey.carbon)),
        (survey.cooperate.name, partial(maker.run, survey.cooperate)),
        *at(survey.money, day),
        (govern.expense_flags.name, partial(maker.run, govern.expense_flags)),
        (govern.procurement_flags.name, partial(maker.run, govern.procurement_flags)),
        (govern.case_series.name, partial(maker.run, govern.case_series)),
        (govern.case_regions.name, partial(maker.run, govern.case_regions)),
        (
            govern.case_regions.name,
            partial(maker.run, govern.case_regions, figure="sanctioned", base="handled"),
        ),
        (govern.case_links.name, partial(maker.run, govern.case_links)),
    ]


def _share(maker: Board, checker: Board) -> Run:
    """Have the agreements of the demonstration approved, and share by them."""
    from liandong import settle

    rule = settle.AgreementRule.make(agreements=AGREEMENTS)
    for one in rule.agreements:
        if not maker.rule_versions(one.name, AGREEMENT):
            own = settle.AgreementRule(agreements=(one,))
            checker.approve(maker.propose_rules(one.name, own, "demonstration", AGREEMENT))
    return maker.run(settle.share, rule=rule)


def run_loop(board: Board, dates: Dates, budget: Money) -> list[Run]:
    """Run all stages of :func:`loop` and return their runs."""
    return [work() for _, work in loop(board, dates, budget)]
