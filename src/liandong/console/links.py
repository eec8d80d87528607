"""Where the keys on a page lead."""

from typing import cast
from urllib.parse import quote, urlencode

from liandong.errors import NotFoundError
from liandong.govern.casework import CLOSE
from liandong.schema.field import Field, Table
from liandong.schema.tables import TABLES
from liandong.schema.tables.casework import ACTIONS
from liandong.texts import both
from liandong.types import Rate

PARTY_FIELDS = frozenset({
    "party_id", "seller", "buyer", "owner_id", "lender_id", "bank_id", "bidder_id", "buyer_id",
    "holder_id", "bearer_id", "lender_a", "lender_b", "from_party", "to_party", "stopped_id",
    "cause_id", "supplier_id", "seller_id", "licensee_id",
})  # fmt: skip
"""Fields that name a party."""
_PAGES = {"region_id": "/region/", "parent_id": "/region/", "loan_id": "/trace/", "run_id": "/run/",
          "voucher_id": "/voucher/", "rule": "/rule/", "asset_id": "/data-asset/"}  # fmt: skip
_ROWS = {
    "rule_id": ("rule", "rule_id"),
    "product_id": ("product", "product_id"),
    "project_id": ("project", "project_id"),
    "snapshot_id": ("snapshot", "snapshot_id"),
    "flow_id": ("flow", "flow_id"),
    "act_id": ("voucher_act", "act_id"),
    "debit": ("account", "account_id"),
    "credit": ("account", "account_id"),
}
"""Fields that name a row of another table, and the key they hold."""
KEYS = PARTY_FIELDS | {"subject_id"} | _PAGES.keys() | _ROWS.keys()
"""Fields that lead somewhere."""


def link(field: str, value: object) -> str | None:
    """Return the address of what ``value`` names if ``field`` is a key of something, else None.

    Examples
    --------
    >>> link("party_id", "E17"), link("product_id", "P 1"), link("amount", 3)
    ('/firm/E17', '/table/product/row?product_id=P+1', None)
    """
    if field not in KEYS or value is None or value in ("", "*"):
        return None
    if field == "parent_id" and not str(value).isdigit():  # of a lot, not of a region
        return None
    if field in PARTY_FIELDS or (field == "subject_id" and ":" not in str(value)):
        return f"/firm/{quote(str(value), safe='')}"
    if field in _PAGES:
        return _PAGES[field] + quote(str(value), safe="")
    if field in _ROWS:
        table, key = _ROWS[field]
        return f"/table/{table}/row?{urlencode({key: str(value)})}"
    return None


def item_link(table: str, item: str) -> str:
    """Return the address of a row that is appealed against: a case has a page of its own."""
    if table == "alert_case":
        return f"/cases/{quote(item, safe='')}"
    return row_link(TABLES[table], {TABLES[table].key[0]: item})


def offer_link(project_id: str) -> str:
    """Return the address of the paper that tells an applicant what became of a project."""
    return f"/offer?{urlencode({'project_id': project_id})}"


def subject_link(action: str, subject: str) -> str | None:
    """Return the address of what an act was about, None if it has no page."""
    if action.startswith("run."):
        return f"/run/{quote(subject, safe='')}"
    if action in ACTIONS:
        return f"/cases/{quote(subject, safe='')}"
    if action.startswith("case."):
        return f"/table/case/row?{urlencode({'case_id': subject})}"
    return None


def decision_link(proposed: dict[str, object]) -> str | None:
    """Return the page where something proposed is decided on; None if it is out of sight."""
    if proposed["action"] == CLOSE:
        case = proposed["alert_case"]
        return f"/cases/{quote(str(case), safe='')}" if case else None
    if proposed["watch"]:
        return f"/rules/watch?{urlencode({'watch': proposed['watch']})}"
    if proposed["agreement"]:
        return f"/agreement/{quote(str(proposed['agreement']), safe='')}"
    return row_link(TABLES["case"], proposed)


def row_link(table: Table, row: dict[str, object]) -> str:
    """Return the address of the page that explains one row."""
    key = {k: _written(table.field(k), row[k]) for k in table.key}
    return f"/table/{table.name}/row?{urlencode(key)}"


def _written(field: Field, value: object) -> str:
    """Write a value as it is read again: rates in percent."""
    return str(Rate(cast("int", value))) if field.kind == "rate" else str(value)


def run_link(runs: list[str], table: str) -> str | None:
    """Return the address of the run that made something, or the list if there were several."""
    if not runs:
        return None
    return f"/run/{runs[0]}" if len(runs) == 1 else f"/runs?table={table}"


def missing(table: str, key: object, room: str) -> NotFoundError:
    """Return the error of a key that names nothing; ``room`` is where such things are listed."""
    spec = TABLES[table]
    return NotFoundError(kind=spec.label, name=key, remedy=both("advice.see_room", room=room))
