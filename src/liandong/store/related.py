"""Whether somebody has ties to a party or vendor, as far as the tables of a board know.

Somebody is looked for by the name under which he acts: as a party, and as a member of staff, whose
number (``person``) may be a party or stand with a vendor. His relatives count as he does.
"""

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

import sqlalchemy as sa

from liandong.schema.sql import METADATA
from liandong.store.books import KEYS_A_QUERY
from liandong.types import today

if TYPE_CHECKING:
    from liandong.store.store import Store

OWNER, ACCOUNT = (METADATA.tables["account"].c[n] for n in ("owner_id", "account_id"))
Lookup = Callable[[str], bool]
_TIED = """
WITH ties AS (
  SELECT src, dst, kind FROM edge
  WHERE valid_from <= ? AND (valid_to IS NULL OR valid_to >= ?)
), own AS (
  SELECT ? AS id UNION SELECT person FROM staff WHERE staff_id = ? AND person IS NOT NULL
), people AS (
  SELECT id FROM own
  UNION SELECT dst FROM ties JOIN own ON src = id WHERE kind = 'kin'
  UNION SELECT src FROM ties JOIN own ON dst = id WHERE kind = 'kin'
), colleagues AS (
  SELECT DISTINCT s.* FROM staff s JOIN people ON staff_id = id OR person = id
), tied AS (
  SELECT id FROM people
  UNION SELECT dst FROM ties JOIN people ON src = id WHERE kind IN ('owns', 'controls', 'directs')
  UNION SELECT party_id FROM ownership JOIN people ON holder_id = id WHERE low > 0
  UNION SELECT party_id FROM beneficial_owner JOIN people ON holder_id = id
  UNION SELECT unit_id FROM colleagues
  UNION SELECT vendor_id FROM vendor JOIN people ON person = id
  UNION SELECT vendor_id FROM vendor v JOIN colleagues s
    ON v.address = s.address OR v.phone = s.phone OR v.bank_account = s.bank_account
)
SELECT count(*) AS n FROM tied WHERE id IN (SELECT unnest(?))
"""


def related(store: "Store", parties: Collection[str]) -> Lookup:
    """Return what tells whether a person is, or has ties to, one of some parties or vendors.

    Ties of today are: owning, controlling, directing, directly or as worked out in ``ownership``
    and ``beneficial_owner``; working in a unit; being the person of a vendor, or sharing its
    address, telephone or account.

    Parameters
    ----------
    parties
        Ids of parties or vendors; others have no ties.
    """

    def ask(person: str) -> bool:
        from liandong.store.query import query

        day = today()
        found = query(store, _TIED, [day, day, person, person, list(parties)])
        return bool(found["n"][0].as_py())

    return ask


def by_accounts(store: "Store", c: sa.Connection, accounts: Callable[[], Iterable[str]]) -> Lookup:
    """Return what :func:`related` does, of those who own accounts, which are asked for if need be.

    Parameters
    ----------
    c
        The transaction in which accounts may have been opened.
    """

    def ask(person: str) -> bool:
        ids, owners = sorted(set(accounts())), set[str]()
        for i in range(0, len(ids), KEYS_A_QUERY):
            query = sa.select(OWNER).where(ACCOUNT.in_(ids[i : i + KEYS_A_QUERY]))
            owners |= set(c.execute(query).scalars())
        return related(store, owners)(person)

    return ask
