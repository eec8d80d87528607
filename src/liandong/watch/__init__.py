"""Watch: risk seen early, with its evidence."""

from liandong.watch.backtest.rules import BacktestRule, HindsightRule, RuleSet, Sweep
from liandong.watch.backtest.step import backtest
from liandong.watch.cases.precision import precision
from liandong.watch.cases.rules import PrecisionRule, Queue, TriageRule
from liandong.watch.cases.triage import triage
from liandong.watch.episodes.known import Warned
from liandong.watch.episodes.rules import EpisodesRule
from liandong.watch.episodes.snoozes import awake
from liandong.watch.episodes.standing import standing
from liandong.watch.episodes.step import episodes
from liandong.watch.episodes.stream import EpisodeStream
from liandong.watch.language import Judgement
from liandong.watch.live.rule import WatchRule
from liandong.watch.live.single import EventJudge
from liandong.watch.live.watcher import Watcher
from liandong.watch.rulebook.telling import rulebook
from liandong.watch.rulebook.trial import TrialRule, trial
from liandong.watch.screening.index import Match, NameIndex
from liandong.watch.screening.screen import ScreenRule, on_lists, screen
from liandong.watch.signals.changes import ChangeRule, PortfolioRule
from liandong.watch.signals.events import events
from liandong.watch.signals.graded import Graded
from liandong.watch.signals.portfolio import portfolio
from liandong.watch.signals.rules import (
    AccountUseRule,
    CirculationRule,
    CustomersRule,
    FundReturnRule,
    GuaranteesRule,
    InvoiceChangeRule,
    JudicialRule,
    OverdueRule,
    RegistryRule,
    SignalsRule,
    StaffDropRule,
    TaxDropRule,
    UtilityDropRule,
)
from liandong.watch.signals.step import signals
from liandong.watch.windows.rules import Where, Window, WindowsRule
from liandong.watch.windows.single import Event
from liandong.watch.windows.step import windows
from liandong.watch.windows.stream import WindowStream

__all__ = [
    "AccountUseRule",
    "BacktestRule",
    "ChangeRule",
    "CirculationRule",
    "CustomersRule",
    "EpisodeStream",
    "EpisodesRule",
    "Event",
    "EventJudge",
    "FundReturnRule",
    "Graded",
    "GuaranteesRule",
    "HindsightRule",
    "InvoiceChangeRule",
    "Judgement",
    "JudicialRule",
    "Match",
    "NameIndex",
    "OverdueRule",
    "PortfolioRule",
    "PrecisionRule",
    "Queue",
    "RegistryRule",
    "RuleSet",
    "ScreenRule",
    "SignalsRule",
    "StaffDropRule",
    "Sweep",
    "TaxDropRule",
    "TriageRule",
    "TrialRule",
    "UtilityDropRule",
    "Warned",
    "WatchRule",
    "Watcher",
    "Where",
    "Window",
    "WindowStream",
    "WindowsRule",
    "awake",
    "backtest",
    "episodes",
    "events",
    "on_lists",
    "portfolio",
    "precision",
    "rulebook",
    "screen",
    "signals",
    "standing",
    "triage",
    "trial",
    "windows",
]
