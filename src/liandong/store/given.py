"""Posts that a provider of identities gives people and takes away, as each signs in."""

from collections.abc import Mapping

import sqlalchemy as sa

from liandong.store.acts import lock
from liandong.store.authority import POST, admit
from liandong.store.uses import DONE, note
from liandong.types import today

PROVIDER = "oidc:"
"""Begins the ids of such terms, and who acts in the log: no name of a person has a colon."""


def give(c: sa.Connection, issuer: str, person: str, posts: Mapping[str, bool]) -> None:
    """Make somebody's posts those of his groups, in the transaction in which he signs in.

    Terms that others gave him stay as they are.

    Parameters
    ----------
    issuer
        The provider that says so.
    posts
        Whether he is to have it, by post; those not named stay as they are.

    Raises
    ------
    DataError
        If nobody may hold together what he would have.
    """
    if not posts:
        return
    lock(c)
    actor = PROVIDER + issuer
    gone = set(c.execute(sa.select(DONE.c.power_id).where(DONE.c.kind == "revoked")).scalars())
    own = POST.c.post_id.startswith(PROVIDER, autoescape=True) & (POST.c.person == person)
    terms = c.execute(sa.select(POST.c.post_id, POST.c.post).where(own)).all()
    held = {t.post: t.post_id for t in terms if t.post_id not in gone}
    for post in sorted(held):
        if posts.get(post) is False:
            note(c, "revoked", actor, power_id=held[post])
    added = [
        {"post_id": f"{PROVIDER}{person}@{post}:{sum(t.post == post for t in terms) + 1}",
         "person": person, "post": post, "valid_from": today(), "valid_to": None}
        for post in sorted(posts) if posts[post] and post not in held
    ]  # fmt: skip
    if added:
        c.execute(sa.insert(POST), added)
        admit(c, actor, {"post": added})
