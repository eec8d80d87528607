"""A board in PostgreSQL: where its lake is, its password, and what is said when it is not there."""

import pytest
import sqlalchemy as sa

import liandong as ld
from liandong import errors
from liandong.schema.arrow import build
from liandong.store.books import url_of


def test_the_lake_of_a_postgresql_board_is_remembered(postgres_url, tmp_path):
    with pytest.raises(errors.NotFoundError, match="init"):
        ld.open(postgres_url, create=False)
    with ld.open(postgres_url, actor="a", lake=tmp_path / "one") as board:
        board.put(
            "hand", {"party": build("party", {"party_id": ["x"], "kind": ["firm"], "name": ["甲"]})}
        )
    with ld.open(postgres_url, actor="b", create=False) as board:
        assert len(board.table("party").arrow()) == 1
    with pytest.raises(errors.BoardError, match="one, not"):
        ld.open(postgres_url, lake=tmp_path / "two")


@pytest.mark.postgres
def test_a_password_comes_from_the_file_that_the_address_names(postgres_url, tmp_path):
    secret, mark = tmp_path / "secret", "&" if "?" in postgres_url else "?"
    place = f"{postgres_url}{mark}password_file={secret}"
    for content in (None, "", "\n"):
        if content is not None:
            secret.write_text(content)
        with pytest.raises(errors.BoardError, match="password_file"):
            ld.open(place, lake=tmp_path / "lake")
    secret.write_text("se cret:%\n")
    url = url_of(place)
    assert (url.password, url.query) == ("se cret:%", sa.make_url(postgres_url).query)
    with ld.open(place, actor="a", lake=tmp_path / "lake") as board:
        assert "se cret" not in str(board.runs())


def test_unreachable_postgresql_says_so():
    with pytest.raises(errors.BoardError, match=r"127\.0\.0\.1"):
        ld.open("postgresql://nobody@127.0.0.1:9/none", lake="unused")
