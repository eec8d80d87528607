"""Watch: risk seen early, with its evidence."""

from liandong.watch.backtest.rules import BacktestRule, RuleSet, Sweep
from liandong.watch.backtest.step import backtest
from liandong.watch.episodes.known import Warned
from liandong.watch.episodes.rules import EpisodesRule
from liandong.watch.episodes.snoozes import awake
from liandong.watch.episodes.standing import standing
from liandong.watch.episodes.step import episodes
from liandong.watch.episodes.stream import EpisodeStream
from liandong.watch.invoice_drop import InvoiceDropRule, invoice_drop
from liandong.watch.language import Judgement
from liandong.watch.screening.index import Match, NameIndex
from liandong.watch.screening.screen import ScreenRule, on_lists, screen
from liandong.watch.windows.rules import Where, Window, WindowsRule
from liandong.watch.windows.step import windows
from liandong.watch.windows.stream import Event, WindowStream

__all__ = [
    "BacktestRule",
    "EpisodeStream",
    "EpisodesRule",
    "Event",
    "InvoiceDropRule",
    "Judgement",
    "Match",
    "NameIndex",
    "RuleSet",
    "ScreenRule",
    "Sweep",
    "Warned",
    "Where",
    "Window",
    "WindowStream",
    "WindowsRule",
    "awake",
    "backtest",
    "episodes",
    "invoice_drop",
    "on_lists",
    "screen",
    "standing",
    "windows",
]
