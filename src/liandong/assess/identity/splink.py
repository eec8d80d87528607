"""The same records by Splink, which estimates how much each part says from the data themselves.

For millions of records, and for whoever wants the weights to come from the records instead of a
rule: ``pip install 'liandong[splink]'``. Names are taken apart as everywhere here.
"""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from liandong.assess.identity.compare import Record, records
from liandong.errors import MissingExtraError

SEED = 1
PAIRS = 1_000_000
"""Random pairs from which it is estimated how often parts agree by chance."""


def splink_pairs(party: pa.Table, threshold: float = 0.5) -> pa.Table:
    """Return pairs of records that may be one firm: ``left, right, probability`` (0 to 1).

    Parameters
    ----------
    party
        Shaped as the table ``party``.
    threshold
        Least probability.

    Raises
    ------
    MissingExtraError
        If Splink is not installed.
    """
    try:
        import splink.comparison_library as compare
        from splink import Linker, SettingsCreator, block_on
        from splink.internals.duckdb.database_api import DuckDBAPI
    except ImportError as error:
        raise MissingExtraError(package="splink", extra="splink") from error
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="party_id",
        comparisons=[
            compare.ExactMatch("code"),
            compare.DamerauLevenshteinAtThresholds("brand", 1).configure(
                term_frequency_adjustments=True
            ),
            compare.ExactMatch("business"),
            compare.ExactMatch("form"),
            compare.ExactMatch("place"),
            compare.ExactMatch("founded"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("code"), block_on("brand"), block_on("business", "place", "founded"),
        ],
    )  # fmt: skip
    database = DuckDBAPI()
    linker = Linker(
        database.register(_flat(records(party.to_pylist()))), settings, log_level="ERROR"
    )
    training: Any = linker.training
    training.estimate_u_using_random_sampling(max_pairs=PAIRS, seed=SEED)
    for rule in (block_on("brand"), block_on("business", "place", "founded")):
        training.estimate_parameters_using_expectation_maximisation(rule)
    found: Any = linker.inference.predict(threshold_match_probability=threshold)
    shown = found.as_pyarrow_table()
    ends = pc.min_element_wise, pc.max_element_wise
    left, right = (end(shown["party_id_l"], shown["party_id_r"]) for end in ends)
    named = pa.table({"left": left, "right": right, "probability": shown["match_probability"]})
    return named.sort_by([("left", "ascending"), ("right", "ascending")])


def _flat(known: list[Record]) -> pa.Table:
    return pa.table({
        "party_id": [r.party_id for r in known],
        "code": pa.array([r.code for r in known], pa.string()),
        "brand": [r.name.brand or None for r in known],
        "business": ["".join(r.name.business) or None for r in known],
        "form": [r.name.form or None for r in known],
        "place": ["".join(r.name.region) or r.region for r in known],
        "founded": pa.array([str(r.founded) if r.founded else None for r in known], pa.string()),
    })  # fmt: skip
