"""The page of reach: its twins say what the board holds, and it asks only for what is there."""

import csv
import io

from liandong.world.rails import ISLAND, NIGHT, station_id
from support.site import Site


def test_circles_are_shown_as_they_are_held(site: Site) -> None:
    start = station_id("320000")
    found = site.json(f"/reach?network=rail&within=120&origin={start}")
    held = site.sql(
        "SELECT dst, minutes, people FROM reach_time WHERE network = 'rail' AND src = ?"
        " AND minutes <= 120 ORDER BY minutes, dst",
        start,
    )
    assert len(held) > 1
    names = ("dst", "minutes", "people")
    assert [{n: r[n] for n in names} for r in found["reached"]] == held
    assert found["origin"]["people"] == sum(r["people"] for r in held)
    assert found["origin"]["places"] == len(held)
    at = {r["minutes"]: r["people"] for r in found["curve"]}
    assert max(v for m, v in at.items() if m <= 120) == found["origin"]["people"]
    address = f"/reach?network=rail&within=120&origin={start}&format=csv&block=reached"
    rows = list(csv.DictReader(io.StringIO(site.get(address).text.removeprefix("\ufeff"))))
    assert [r["dst"] for r in rows] == [r["dst"] for r in held]


def test_the_island_and_its_link_stand_there(site: Site) -> None:
    found = site.json("/reach?network=rail&within=180")
    assert {r["id"] for r in found["origins"]} >= {station_id(f"{NIGHT.stops[-2:]}0000")}
    cut = {g["node_id"]: g["why"] for g in found["gaps"]}
    assert cut[station_id(ISLAND)] == "no_trips"
    (link,) = [r for r in found["links"] if (r["within"], r["region_id"]) == (180, "*")]
    assert (link["pairs"], link["before"]) == (2, None)
    assert "Haikou – Guangzhou" in site.get("/reach?network=rail&within=180", lang="en").text


def test_what_is_not_there_cannot_be_asked_for(site: Site, empty_site: Site) -> None:
    for wrong in ("origin=nowhere", "within=61", "network=air"):
        assert site.get(f"/reach?{wrong}").status_code == 400
    assert "liandong run survey.circles" in empty_site.get("/reach").text
