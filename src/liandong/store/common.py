"""Acts of finding out what two boards have in common: decided on by power, counted, logged."""

import json
from typing import Any

import sqlalchemy as sa

from liandong.errors import RefusedError
from liandong.store import acts, authority
from liandong.store.books import Books
from liandong.texts import both


def admit(
    books: Books, actor: str, action: str, key: str, said: dict[str, Any], most: int | None = None
) -> int:
    """Decide on an act about the ids of others, log it, and return its number.

    Parameters
    ----------
    key
        Id of the key that it is done with.
    said
        What the log says of it, with the ``count`` of ids.
    most
        How many ids all such acts with the key may be about together; None: there is no limit.

    Raises
    ------
    RefusedError
        If the actor may not, or it would be more than that: nothing is logged.
    """
    with books.writing() as c:
        authority.need(c, actor, action, authority.About(key))
        # From here on nobody else can log: what is counted is all there is.
        number = acts.record(c, actor, action, key, said)
        done = sa.select(acts.ACT.c.body).where(
            acts.ACT.c.action == action, acts.ACT.c.subject == key
        )
        count = sum(json.loads(body)["count"] for body in c.execute(done).scalars())
        if most is not None and count > most:
            reason = both("refusal.common_most", most=most, count=count)
            raise RefusedError(actor=actor, action=action, reason=reason)
    return number
