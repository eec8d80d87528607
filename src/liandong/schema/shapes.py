"""What the JSON of a field looks like, where pages and steps go by it."""

import json
from collections.abc import Callable
from typing import Any, Literal

Shape = Literal["", "object", "words", "texts", "numbers", "rows", "keys"]


def _texts(found: Any) -> bool:  # noqa: ANN401 - whatever a text of JSON holds
    return isinstance(found, list) and all(isinstance(f, str) for f in found)


def _words(found: Any) -> bool:  # noqa: ANN401
    return isinstance(found, dict) and all(isinstance(v, str) for v in found.values())


def _numbers(found: Any) -> bool:  # noqa: ANN401
    return isinstance(found, list) and all(type(f) is int for f in found)


def _rows(found: Any) -> bool:  # noqa: ANN401
    return isinstance(found, dict) and _table(found.get("table")) and _texts(found.get("rows"))


def _keys(found: Any) -> bool:  # noqa: ANN401
    return isinstance(found, list) and all(
        _texts(f) and len(f) == 2 and _table(f[0]) for f in found
    )


def _table(name: object) -> bool:
    from liandong.schema.tables import TABLES  # they are made of fields, which have shapes

    return name in TABLES


SHAPES: dict[Shape, tuple[Callable[[Any], bool], str]] = {
    "": (lambda _: True, "not_json"),
    "object": (lambda found: isinstance(found, dict), "not_json_object"),
    "words": (_words, "not_json_words"),
    "texts": (_texts, "not_json_texts"),
    "numbers": (_numbers, "not_json_numbers"),
    "rows": (_rows, "not_json_rows"),
    "keys": (_keys, "not_json_keys"),
}
"""By name: whether a value has the shape, and the code of the fault if it has not.

``object``: names with any values; ``words``: names with texts; ``texts``: a list of texts;
``numbers``: one of whole numbers; ``rows``: a table and ids of its rows; ``keys``: a list of
pairs of a table and an id.
"""


def fits(text: str, shape: Shape) -> bool:
    """Return whether a text is JSON of the shape."""
    try:
        return SHAPES[shape][0](json.loads(text))
    except (ValueError, RecursionError):
        return False
