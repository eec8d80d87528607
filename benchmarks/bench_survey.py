"""The survey against its peers: all modules ``survey_*`` beside this."""

import survey_chain
import survey_complexity
import survey_gap
import survey_market
import survey_page
import survey_reach
from measure import in_parts


def bench(*, quick: bool) -> dict[str, object]:
    timed = (
        survey_gap.bench, survey_reach.bench, survey_complexity.bench, survey_market.bench,
        survey_chain.bench, survey_page.bench,
    )  # fmt: skip
    return in_parts(timed, (), quick=quick)
