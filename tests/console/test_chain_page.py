"""The page of the chain: what the steps found, in pictures and as files."""

from support.site import Site


def test_the_twin_says_what_the_steps_found(site: Site) -> None:
    twin = site.json("/chain")
    found = site.sql("SELECT party_id, stopped FROM chokepoint ORDER BY rank")
    assert [(r["party_id"], r["stopped"]) for r in twin["chokepoints"]] == [
        (r["party_id"], r["stopped"]) for r in found
    ]
    first = twin["choke"]
    assert twin["firm"]["party_id"] == found[0]["party_id"]
    assert len(twin["ripple"]) == first["stopped"]
    assert min(r["day"] for r in twin["ripple"]) == first["first_day"]
    assert {t["buyer_id"] for t in twin["ties"]} <= {b["party_id"] for b in twin["buyers"]}
    stages = [s["upstreamness"] for s in twin["stages"]]
    assert stages == sorted(stages, reverse=True)


def test_pictures_lead_on_and_name_the_days(site: Site) -> None:
    twin = site.json("/chain")
    page = site.get("/chain", lang="en").text
    shown = twin["buyers"][0]
    assert f"/chain?firm={shown['party_id']}" in page or shown["kind"] != "firm"
    stopped = {r["stopped_id"]: r["day"] for r in twin["ripple"]}
    drawn = [b for b in twin["buyers"][:12] if b["party_id"] in stopped]
    assert all(f"stops on day {stopped[b['party_id']]}" in page for b in drawn)
    assert page.count('class="flow s1') >= len(twin["suppliers"][:12])


def test_a_region_shows_what_it_depends_on(site: Site) -> None:
    region = site.sql("SELECT region_id FROM region_input ORDER BY amount DESC LIMIT 1")[0]
    inputs = site.json(f"/chain?region={region['region_id']}")["inputs"]
    assert inputs
    assert {r["region_id"] for r in inputs} == {region["region_id"]}
    sheet = site.get(f"/chain?region={region['region_id']}&format=csv&block=inputs").text
    assert len(sheet.splitlines()) == len(inputs) + 1


def test_a_firm_without_ties_is_not_found(site: Site) -> None:
    assert site.get("/chain?firm=NOBODY").status_code == 404
