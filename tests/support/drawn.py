"""What a page draws and what can be done with it, as its HTML says: no browser is needed."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"})
LEAST = 60
"""Units of height from which a drawing is a chart; lower ones are bars in a line of text."""


@dataclass
class Figure:
    """A figure: the labels of its charts, and the tools below them.

    Attributes
    ----------
    charts
        Labels of the charts in it.
    tools
        ``table``, ``png``, and the addresses of its files.
    """

    charts: list[str] = field(default_factory=list)
    tools: set[str] = field(default_factory=set)


class Drawn(HTMLParser):
    """Reads one page.

    Attributes
    ----------
    figures
        All figures of the page.
    bare
        Labels of the charts in the main part that stand in no figure.
    numbers
        Cells of numbers in the main part.
    links
        All addresses that the page leads to.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.figures: list[Figure] = []
        self.bare: list[str] = []
        self.numbers = 0
        self.links: set[str] = set()
        self._open: list[tuple[str, Figure | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what begins."""
        given = {name: value or "" for name, value in attrs}
        if tag == "figure":
            self.figures.append(Figure())
        self._seen(tag, given)
        if tag not in VOID:
            self._open.append((tag, self.figures[-1] if tag == "figure" else None))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is empty."""
        self._seen(tag, {name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        """Close what is open."""
        while self._open and self._open.pop()[0] != tag:
            pass

    def _seen(self, tag: str, given: dict[str, str]) -> None:
        inside = next((f for _, f in reversed(self._open) if f), None)
        main = any(t == "main" for t, _ in self._open)
        if tag == "a":
            self.links.add(given.get("href", ""))
        if main and tag == "td" and "r" in given.get("class", "").split():
            self.numbers += 1
        if main and _is_chart(tag, given):
            (inside.charts if inside else self.bare).append(given.get("aria-label", ""))
        if inside and tag == "details":
            inside.tools.add("table")
        if inside and "data-png" in given:
            inside.tools.add("png")
        if inside and tag == "a" and "format=csv" in given.get("href", ""):
            inside.tools.add(given["href"])


def _is_chart(tag: str, given: dict[str, str]) -> bool:
    if "data-chart" in given:
        return True
    high = float(given.get("viewbox", "0").split()[-1])
    return tag == "svg" and high >= LEAST and "aria-hidden" not in given
