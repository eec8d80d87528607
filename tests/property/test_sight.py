"""What somebody sees of a board is told by its rows alone: held against a plain-Python oracle."""

from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import liandong as ld
from liandong.caller import Rows, Sight
from liandong.schema.tables import TABLES
from liandong.schema.whose import OPEN, OWNED, PUBLIC, WHOLE
from liandong.store.query import Session
from support.boards import copied

OWNERS = {
    "bank_account": ("account_id", ("party_id",)),
    "account": ("account_id", ("owner_id",)),
    "loan": ("loan_id", ("party_id",)),
    "project": ("project_id", ("party_id",)),
    "data_asset": ("asset_id", ("party_id",)),
    "invoice": ("invoice_id", ("seller", "buyer")),
    "alert_version": ("alert_id", ("party_id",)),
    "alert": ("alert_id", ("party_id",)),
    "alert_case": ("case_id", ("party_id",)),
    "circle": ("circle_id", ("party_id", "account_id")),
    "flow": ("flow_id", ("src_account", "dst_account")),
    "circular_leg": ("ring_id", ("seller", "buyer")),
    "voucher_act": ("act_id", ("from_party", "to_party")),
    "voucher_lot": ("voucher_id", ("holder_id",)),
    "entry": ("entry_id", ("debit", "credit")),
    "bank_line": ("line_id", ("account_id",)),
}
"""Keys of rows, and the fields of those that say whose they are: what an id leads to."""
LENDERS = {"lender_id", "bank_id", "lender_a", "lender_b"}
"""Fields that name a party without making the row its own."""


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ld.Board]:
    with copied(tmp_path_factory, tmp_path_factory.mktemp("sight") / "t.board") as found:
        yield found


Whose = Callable[[str], set[str]]


@pytest.fixture(scope="module")
def whose(board: ld.Board) -> Whose:
    """Return what tells the parties that an id of the board leads to."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in board.table("party").rows():
        found[row["party_id"]] |= {row["party_id"]}
    for name, (key, fields) in OWNERS.items():
        for row in board.table(name).arrow().select({key, *fields}).to_pylist():
            owners = [found.get(row[f], {row[f]}) for f in fields if row[f]]
            found[row[key]] = found.get(row[key], set()).union(*owners)
    for row in board.table("voucher_act").rows():
        found[row["voucher_id"]] |= {row["from_party"], row["to_party"]} - {None}
    return lambda name: found.get(name, set())


def test_each_table_is_in_one_group_and_its_fields_are_there() -> None:
    groups = (OWNED.keys(), PUBLIC, WHOLE)
    assert {n: sum(n in g for g in groups) for n in TABLES} == dict.fromkeys(TABLES, 1)
    assert set().union(*groups) == TABLES.keys()
    named = {n: {f for _, f in sides} for n, sides in OWNED.items()}
    named |= {n: named[n] | {field} for n, (field, _) in OPEN.items()}
    assert {n: f - {*TABLES[n].names} for n, f in named.items() if f - {*TABLES[n].names}} == {}
    # Who holds a table of persons in any form, does so with what is personal marked.
    for name in ("party", "watchlist", "staff", "vendor", "screening_hit"):
        assert any(f.personal for f in TABLES[name].fields), name


def parties_of(board: ld.Board, rows: Rows) -> set[str]:
    """Return the parties in sight, by plain Python."""
    party = board.table("party").rows()
    lender = {r["product_id"]: r["lender_id"] for r in board.table("product").rows()}
    asks = {r["project_id"]: r["party_id"] for r in board.table("project").rows()}
    ties = {(r["lender_id"], r["party_id"]) for r in board.table("loan").rows()}
    ties |= {(r["bank_id"], r["party_id"]) for r in board.table("bank_account").rows()}
    ties |= {(lender.get(r["product_id"]), r["party_id"]) for r in board.table("offer").rows()}
    ties |= {(r["lender_id"], asks.get(r["project_id"]))
             for r in board.table("contribution").rows()}  # fmt: skip
    ties |= {(r["lender_id"], r["holder_id"]) for r in board.table("voucher_discount").rows()}
    found = set()
    for regions, banks in rows:
        near = {r["party_id"] for r in party if (r["region_id"] or "").startswith(regions)}
        clients = {c for b, c in ties if b in banks} | {*banks}
        found |= near & clients if regions and banks else near if regions else clients
    return found


BANKS = [f"B{i:06}" for i in range(1, 6)]
ENTRIES = st.tuples(
    st.lists(st.sampled_from(["33", "34", "11", "3301", "99"]), max_size=2, unique=True).map(tuple),
    st.lists(st.sampled_from(BANKS), max_size=1).map(tuple),
).filter(any)


@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(ENTRIES, max_size=2).map(tuple))
def test_no_row_of_others_is_seen_and_none_of_ones_own_is_missing(
    board: ld.Board, whose: Whose, rows: Rows
) -> None:
    mine = parties_of(board, rows)
    with Session(board.store, Sight(rows)) as session:
        for name in OWNED:
            data = session.ask(f'SELECT * FROM "{name}"')
            if name in OPEN:
                field, values = OPEN[name]
                data = session.ask(f'SELECT * FROM "{name}" WHERE {field} NOT IN {values}')
            words = [f.name for f in TABLES[name].fields
                     if f.kind in {"id", "text"} and f.name not in LENDERS]  # fmt: skip
            for row in data.select(words).to_pylist():
                about = set().union(*(whose(v) for v in row.values()))
                # What leads to no party at all is not about one: approvals, say.
                assert not about or about & mine, (name, row)
        for name in WHOLE:
            assert len(session.ask(f'SELECT * FROM "{name}"')) == 0, name
        for name in ("party", "loan", "score", "alert", "project"):
            found = session.ask(f'SELECT party_id FROM "{name}"')["party_id"].to_pylist()
            wanted = [p for p in board.table(name).arrow()["party_id"].to_pylist() if p in mine]
            assert sorted(found) == sorted(wanted), name
        flows = session.ask("SELECT flow_id FROM flow")["flow_id"].to_pylist()
        every = board.table("flow").arrow().select(["flow_id", "src_account", "dst_account"])
        accounts = board.table("bank_account").arrow()["account_id"].to_pylist()
        own = {a for a in accounts if whose(a) & mine}
        assert sorted(flows) == sorted(
            r["flow_id"] for r in every.to_pylist() if {r["src_account"], r["dst_account"]} & own
        )
