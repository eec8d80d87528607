"""The course of provinces by real statistics: ratios, ranks, and what a vintage changes."""

import pytest

import liandong as ld
from liandong.console.reading import Reading
from liandong.console.regional.course import course, movers, peers
from liandong.world.regions import region_table
from support.data import dataset


def test_real_provinces(tmp_path) -> None:
    with ld.open(tmp_path / "c.board", actor="ann") as board:
        board.put("map", {"region": region_table()})
        board.load("nbs", dataset("china_regions") / "nbs_province_long.csv")
        reading = Reading(board, board.store.state())
        found = {p: course(reading, p) for p in ("110000", "620000", "330000")}
        first, last = found["110000"][0], found["110000"][-1]
        assert [r["period"] for r in found["110000"]] == [str(y) for y in range(2015, 2025)]
        assert {r["vintage"] for r in found["110000"]} == {"revised"}
        # Beijing over Gansu in 2024, and both against the 31 together.
        low = found["620000"][-1]
        assert last["per_head"] / low["per_head"] == pytest.approx(4.295, abs=5e-4)
        assert (last["rank"], low["rank"], last["among"]) == (1, 31, 31)
        assert last["ratio"] / low["ratio"] == pytest.approx(4.295, abs=5e-4)
        # By the figures of 2015 as they were told then, Tianjin came before Beijing.
        assert (first["rank"], first["rank_low"], first["rank_high"]) == (1, 1, 2)
        assert (last["rank_low"], last["rank_high"]) == (1, 1)
        moved = movers(reading, "province", found["330000"])
        assert [r["moved"] for r in moved] == sorted((r["moved"] for r in moved), reverse=True)
        assert all(r["moved"] == r["rank_then"] - r["rank_now"] for r in moved)
        beside = peers(reading, "province", found["330000"])
        own = found["330000"][-1]["rank"]
        assert [r["rank"] for r in beside] == list(range(own - 2, own + 3))
        reading.close()
