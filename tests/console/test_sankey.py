"""The Sankey diagram adds up to the fen, whatever the moves and however little is drawn."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from liandong.console.sankey import sankey
from support.boards import HOLDINGS, MOVES

ACCOUNTS = [f"a{i}" for i in range(7)]


@st.composite
def moves(draw) -> list[tuple[str, str, int]]:
    """Money leaves a lender and wanders; nobody gives what he does not have."""
    has = Counter[str]()
    found = []
    for _ in range(draw(st.integers(0, 25))):
        payers = [a for a in ACCOUNTS if has[a]]
        src = draw(st.sampled_from(["lender", *payers]))
        dst = draw(st.sampled_from([a for a in ["lender", *ACCOUNTS] if a != src]))
        amount = draw(st.integers(1, 10**12 if src == "lender" else has[src]))
        has[src] -= amount if src != "lender" else 0
        has[dst] += amount
        found.append((src, dst, amount))
    return found


@given(moves(), st.integers(1, 5), st.integers(1, 4))
def test_every_node_keeps_or_passes_on_what_it_got(found, layers: int, width: int) -> None:
    drawn = sankey(found, layers, width)
    into, out = Counter[int](), Counter[int]()
    for link in drawn["links"]:
        assert link["amount"] > 0
        out[link["source"]] += link["amount"]
        into[link["target"]] += link["amount"]
    for i, node in enumerate(drawn["nodes"]):
        got = out[i] if node["layer"] == 0 else into[i]
        assert got == node["amount"]
        assert node["amount"] == out[i] + node["left"]
    paid = sum(n for src, _, n in found if src == "lender")
    assert sum(n["left"] for n in drawn["nodes"]) == paid


@given(moves(), st.integers(1, 5), st.integers(1, 4))
def test_bands_run_forward_and_layers_stay_narrow(found, layers: int, width: int) -> None:
    drawn = sankey(found, layers, width)
    layer = [n["layer"] for n in drawn["nodes"]]
    assert all(layer[a["source"]] < layer[a["target"]] for a in drawn["links"])
    assert max(layer, default=0) <= layers + 1
    assert max(Counter(layer).values(), default=0) <= width


@given(moves())
def test_what_is_held_is_held_where_the_moves_leave_it(found) -> None:
    left, has = Counter[str](), Counter[str]()
    for node in sankey(found, layers=100, width=100, smallest=10**18)["nodes"]:
        left[node["account"]] += node["left"]
    for src, dst, amount in found:
        has[dst] += amount
        has[src] -= amount if src != "lender" else 0
    assert +left == +has


def test_money_that_comes_back_starts_a_new_stay() -> None:
    drawn = sankey(MOVES, width=9)
    stays = [(n["account"], n["layer"], n["amount"], n["left"]) for n in drawn["nodes"]]
    assert [s for s in stays if s[0] == "A1"] == [
        ("A1", 1, 100_000_00, 0), ("A1", 4, 25_000_00, 5_000_00),
    ]  # fmt: skip
    assert [n["account"] for n in drawn["nodes"] if n["again"]] == ["A1"]
    held = Counter[str]()
    for account, _, _, left in stays:
        held[account] += left
    assert +held == Counter(HOLDINGS)


def test_small_accounts_are_one_band() -> None:
    found = [("lender", "firm", 10_000), ("firm", "large", 9_000)]
    found += [("firm", f"small{i}", 10) for i in range(50)]
    nodes = sankey(found)["nodes"]
    band = next(n for n in nodes if not n["account"])
    assert (band["accounts"], band["amount"], band["layer"]) == (50, 500, 2)
    assert {n["account"] for n in nodes} == {"lender", "firm", "large", ""}


def test_nothing_moves() -> None:
    assert sankey([]) == {"nodes": [], "links": []}
