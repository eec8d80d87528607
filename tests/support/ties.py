"""Small tables of ties between parties."""

from datetime import date

from liandong.schema.arrow import build

SINCE = date(2015, 1, 1)


def edges(*rows):
    """Ties as (src, dst, kind) or (src, dst, "owns", share) with or without the last day."""
    full = [(*r, *(None, None)[len(r) - 3 :]) if len(r) < 5 else r for r in rows]
    return build("edge", {
        "src": [r[0] for r in full], "dst": [r[1] for r in full], "kind": [r[2] for r in full],
        "valid_from": [SINCE] * len(full), "share": [r[3] for r in full],
        "valid_to": [r[4] for r in full], "source": ["registry"] * len(full),
    })  # fmt: skip
