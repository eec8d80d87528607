"""What people read on a page: its texts, with the elements that they stand in."""

from collections.abc import Iterator
from html.parser import HTMLParser

_ALONE = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[list[str], str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag not in _ALONE:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without anything in it."""

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if words := " ".join(data.split()):
            self.found.append(([*self.open], words))


def texts_of(page: str) -> Iterator[tuple[list[str], str]]:
    """Yield the texts of a page with the names of the elements around each, the outermost first."""
    parser = _Texts()
    parser.feed(page)
    yield from parser.found
