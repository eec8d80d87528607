"""One's own access: posts, one-time codes, sessions and tokens."""

from typing import Any

from liandong.console.query import Query
from liandong.console.reading import Reading
from liandong.store.logins import Tokens


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return how whoever asks is known to the service, without any secret."""
    del query  # all there is of him is shown
    board = reading.board
    mine = Tokens(board.store, board.actor)
    groups = board.powers.listed().index.groups.get(board.actor, ())
    return {
        "actor": board.actor,
        "how": reading.caller.how,
        "person": next((r for r in board.people.rows() if r["name"] == board.actor), None),
        "posts": sorted(groups),
        "logins": mine.sessions(board.actor),
        "tokens": mine.rows(board.actor),
        "unfinished": True,  # sessions end although nothing is written
        "sources": {},
    }
