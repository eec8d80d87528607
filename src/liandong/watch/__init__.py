"""Watch: risk seen early, with its evidence."""

from liandong.watch.backtest.rules import BacktestRule, RuleSet, Sweep
from liandong.watch.backtest.step import backtest
from liandong.watch.invoice_drop import InvoiceDropRule, invoice_drop
from liandong.watch.language import Judgement
from liandong.watch.screening.index import Match, NameIndex
from liandong.watch.screening.screen import ScreenRule, on_lists, screen
from liandong.watch.windows.rules import Where, Window, WindowsRule
from liandong.watch.windows.step import windows
from liandong.watch.windows.stream import Event, WindowStream

__all__ = [
    "BacktestRule",
    "Event",
    "InvoiceDropRule",
    "Judgement",
    "Match",
    "NameIndex",
    "RuleSet",
    "ScreenRule",
    "Sweep",
    "Where",
    "Window",
    "WindowStream",
    "WindowsRule",
    "backtest",
    "invoice_drop",
    "on_lists",
    "screen",
    "windows",
]
