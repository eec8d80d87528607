"""Reading the API as programs do: patiently, and page after page."""

from functools import partial

import httpx


class Short:
    """Requests that may take long on a busy machine."""

    def __getattr__(self, method: str):
        return partial(getattr(httpx, method), timeout=60)


HTTP = Short()


def pages(url: str, path: str) -> list[dict]:
    """Return all rows, following the cursors."""
    rows, cursor, sign = [], "", "&" if "?" in path else "?"
    while cursor is not None:
        answer = HTTP.get(f"{url}{path}{sign}cursor={cursor}")
        assert answer.status_code == 200, answer.text
        rows, cursor = rows + answer.json()["rows"], answer.json()["next"]
    return rows
