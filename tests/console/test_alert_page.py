"""The alert wall: alerts of a party are snoozed by whoever may, and say so."""

import re

import httpx

from liandong.schema.tables.warnings import LEVELS
from support.boards import copied
from support.site import serving


def test_alerts_are_snoozed_by_a_form(tmp_path_factory):
    location = tmp_path_factory.mktemp("wall") / "w.board"
    with (
        copied(tmp_path_factory, location) as board,
        serving(location, actor="ann") as url,
        httpx.Client(base_url=url, headers={"accept": "text/html", "origin": url}) as client,
    ):

        def press(**form):
            return client.post("/alerts/snooze", data=form)

        def twin(**asked):
            return client.get("/alerts", params={**asked, "format": "json"}).json()

        party = next(r["party_id"] for r in twin()["rows"] if r["party_id"].isalnum())
        said = {"party": party, "days": "3", "level": "red"}
        assert f"party={party}#snooze" in client.get("/alerts").text
        page = client.get("/alerts", params={"party": party}).text
        assert 'action="/alerts/snooze"' in page
        form = page.partition('action="/alerts/snooze"')[2]
        assert tuple(re.findall(r'<option value="(\w+)"', form)) == LEVELS
        longest = int(re.search(r'name="days" min="1" max="(\d+)"', form)[1])
        assert press(**(said | {"days": str(longest + 1)}), reason="known").status_code == 400
        assert press(**said, reason=" ").status_code == 400
        assert press(**(said | {"days": "0"}), reason="known").status_code == 400
        assert press(**(said | {"party": "nobody"}), reason="known").status_code == 404
        assert not twin(party=party)["snoozes"]
        assert press(**said, reason="known").status_code == 303
        assert not twin(party=party)["rows"]
        found = twin(party=party, state="snoozed")
        assert [r["party_id"] for r in found["rows"]] == [party]
        assert [(r["actor"], r["reason"]) for r in found["snoozes"]] == [("ann", "known")]
        board.powers.add([{"power_id": "S", "holder": "li", "action": "alert.snooze"}], [])
        refused = press(**said, reason="known")
        assert refused.status_code == 403
        assert "ann may not snooze alerts (alert.snooze)" in refused.text
