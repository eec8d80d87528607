"""The document of the API against the API: whatever it allows is taken, and nothing breaks it."""

import os

import pytest
import schemathesis
from schemathesis.engine import events, from_schema

from support.boards import copied
from support.site import serving

EXAMPLES = int(os.environ.get("LIANDONG_EXAMPLES", "0"))
"""Of each operation, by hand; then bounds and what hangs together are tried, too."""
ONLY_THE_BOARD_KNOWS = ["2xx", "3xx", "400", "401", "403", "404", "409", "412", "422", "431"]
"""What may be answered to what the document allows: no document knows the rows and rules, nor how
many bytes a text is once it is a part of an address."""


@pytest.mark.filterwarnings("ignore")  # of the tool, about itself
def test_the_document_and_the_api_agree(tmp_path_factory: pytest.TempPathFactory) -> None:
    location = tmp_path_factory.mktemp("openapi") / "b"
    copied(tmp_path_factory, location).close()
    with serving(location, actor="ann") as url:
        assert not failures(url, EXAMPLES)


def failures(url: str, examples: int) -> list[str]:
    """Return what is wrong, with the request that shows it."""
    schema = schemathesis.openapi.from_url(f"{url}/v1/openapi.json")
    schema = schema.include(path_regex="^/(v1|log)").exclude(
        path_regex="events$"
    )  # these never end
    schema.config.generation.max_examples = examples or 2
    for phase in (schema.config.phases.coverage, schema.config.phases.stateful):
        phase.enabled = bool(examples)
    schema.config.generation.database = "none"
    schema.config.checks.positive_data_acceptance.expected_statuses = ONLY_THE_BOARD_KNOWS
    refuses = schema.config.checks.negative_data_rejection
    refuses.expected_statuses = [*refuses.expected_statuses, "413", "431"]  # too large before read
    schema.config.seed = 1
    found, asked = [], 0
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            found.append(str(event.info if isinstance(event, events.NonFatalError) else event))
        if not isinstance(event, events.ScenarioFinished):
            continue
        for checks in event.recorder.checks.values():
            asked += 1
            for check in checks:
                if check.failure_info:
                    wrong = check.failure_info
                    found.append(f"{event.recorder.label}: {check.name}: {wrong.failure}\n"
                                 f"{wrong.code_sample}")  # fmt: skip
    assert asked > 50
    return found
