"""Values of rules as people write them: in a command, or in a field of a form."""

import tomllib
from typing import Any


def value_of(word: str) -> Any:  # noqa: ANN401 - whatever TOML can say
    """Read a value: TOML where it can be, else the text itself.

    Numbers stay text: the field that takes them knows their unit, and 0.04 stays exact.

    Examples
    --------
    >>> value_of("0.04"), value_of("2024-12-31 "), value_of('["a", "b"]'), value_of("100 CNY")
    ('0.04', datetime.date(2024, 12, 31), ['a', 'b'], '100 CNY')
    """
    try:
        found = tomllib.loads(f"v = {word}")["v"]
    except tomllib.TOMLDecodeError:
        return word
    plain = isinstance(found, int | float) and not isinstance(found, bool)
    return word if plain else found
