"""Watch: risk seen early, with its evidence."""

from liandong.watch.invoice_drop import InvoiceDropRule, invoice_drop
from liandong.watch.language import Judgement
from liandong.watch.live.rule import WatchRule
from liandong.watch.live.watcher import Watcher
from liandong.watch.screening.index import Match, NameIndex
from liandong.watch.screening.screen import ScreenRule, on_lists, screen
from liandong.watch.windows.rules import Where, Window, WindowsRule
from liandong.watch.windows.step import windows
from liandong.watch.windows.stream import Event, WindowStream

__all__ = [
    "Event",
    "InvoiceDropRule",
    "Judgement",
    "Match",
    "NameIndex",
    "ScreenRule",
    "WatchRule",
    "Watcher",
    "Where",
    "Window",
    "WindowStream",
    "WindowsRule",
    "invoice_drop",
    "on_lists",
    "screen",
    "windows",
]
