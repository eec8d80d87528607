"""Four eyes: proposing, deciding, and what counts as approved."""

from datetime import UTC, datetime

import pytest

from liandong.errors import RefusedError
from liandong.govern import approved, decide, propose
from liandong.schema.arrow import build

AT = datetime(2020, 2, 28, tzinfo=UTC)


def test_the_same_question_has_one_id_and_fits_the_table():
    case = propose("settle.disburse", "s1", "li", AT)
    assert (
        case["case_id"] == propose("settle.disburse", "s1", "li", AT.replace(year=2021))["case_id"]
    )
    assert case["case_id"] != propose("settle.disburse", "s1", "wang", AT)["case_id"]
    assert len(build("case", {n: [v] for n, v in case.items()})) == 1


def test_another_person_decides_once():
    case = propose("a", "s", "li", AT)
    done = decide(case, "wang", approve=True, at=AT)
    assert (done["state"], done["checker"], case["state"]) == ("approved", "wang", "open")
    with pytest.raises(RefusedError) as caught:
        decide(done, "zhao", approve=False, at=AT)
    assert "closed" in caught.value.text("en")


def test_the_maker_is_refused_in_both_languages():
    with pytest.raises(RefusedError) as caught:
        decide(propose("a", "s", "li", AT), "li", approve=True, at=AT)
    assert "四眼" in caught.value.text("zh")
    assert "four eyes" in caught.value.text("en")


def test_only_an_approval_by_somebody_else_counts():
    case = propose("a", "s", "li", AT)
    yes, no = (decide(case, "wang", approve=a, at=AT) for a in (True, False))
    forged = {**yes, "checker": "li"}
    assert approved([case, no, forged], "a", "s") is None
    assert approved([no, yes], "a", "s") == yes
    assert approved([yes], "a", "other") is None
