"""What is kept between requests is what the books say now, whoever has written."""

import liandong as ld
from liandong.console.reading import Reader
from liandong.schema.arrow import build
from liandong.store.acts import record


def put(board: ld.Board, *names: str) -> None:
    n = len(names)
    columns: dict[str, object] = {
        "party_id": [f"P{i}" for i in range(n)], "name": names, "kind": ["firm"] * n,
        "name_en": names, "region_id": ["310000"] * n,
    }  # fmt: skip
    board.put("parties", {"party": build("party", columns)})


def act(board: ld.Board) -> None:
    """Do something that changes no table of the lake."""
    with board.store.books.writing() as c:
        record(c, board.actor, "test", "-", {})


def test_each_write_of_anybody_is_seen_at_once(board: ld.Board, location: str) -> None:
    with ld.open(location, create=False) as other:
        for _ in range(5):
            before = board.store.now()
            act(other)
            assert board.store.now() == other.store.now() == (before[0] + 1, 0)
            act(board)
            assert other.store.now()[0] == before[0] + 2


def test_the_books_are_asked_again_only_after_a_write(board: ld.Board) -> None:
    looks, asked = board.store.looks, []
    for _ in range(3):
        looks.once("x", lambda: asked.append(1))
    assert len(asked) == (1 if looks.quick else 3)
    act(board)
    looks.once("x", lambda: asked.append(1))
    assert len(asked) == (2 if looks.quick else 4)


def test_what_was_read_while_others_wrote_is_not_kept(board: ld.Board) -> None:
    looks = board.store.looks

    def slow() -> str:
        act(board)
        assert looks.once("y", lambda: "new") == "new"
        return "old"

    looks.once("y", slow)
    assert looks.once("y", lambda: "new") == "new"


def test_tables_in_order_outlive_acts_but_no_change_of_theirs(board: ld.Board) -> None:
    put(board, "a", "b")
    reader = Reader(board)
    first = reader.now().held.lookups.of("party")
    assert first is not None
    for _ in range(3):
        act(board)
        assert reader.now().held.lookups.ready("party") is first
    put(board, "a", "c")
    now = reader.now().held.lookups.of("party")
    assert now is not None
    assert [row["name"] for row in now.rows(range(2))] == ["a", "c"]
    act(board)
    held = reader.now().held
    assert held.lookups.ready("party") is now
    acts = held.lookups.of("act")
    assert acts is not None
    assert acts.rows([0])[0]["seq"] == 1
    act(board)
    assert reader.now().held.lookups.ready("act") is None
