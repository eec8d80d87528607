"""Episodes of a finished table of warnings."""

from liandong.schema.arrow import empty
from liandong.step import Tables, fold
from liandong.types import end_of_day
from liandong.watch.episodes.rules import EpisodesRule
from liandong.watch.episodes.standing import standing
from liandong.watch.episodes.telling import in_groups, known, told, versions


@fold(
    reads=("warning",),
    writes=("alert", "alert_version", "alert_group"),
    split=("warning",),
    rule=EpisodesRule,
)
def episodes(tables: Tables, rule: EpisodesRule) -> Tables:
    """Join the warnings of each rule about each subject to alerts, with all that was ever known.

    An alert is open while its last warning holds, then it cools, then it is closed; a graver
    warning escalates it. What becomes known late amends: every look that an alert ever had stays
    in ``alert_version`` with the moment from which it was known, and an alert that turns out not
    to have been is withdrawn there. ``alert`` shows how things stand at the end of ``as_of``,
    ``alert_group`` which alerts of one subject overlap in time. :class:`.EpisodeStream` gives the
    same warning by warning.
    """
    warnings = tables["warning"]
    if not len(warnings):
        return {n: empty(n) for n in ("alert", "alert_version", "alert_group")}
    ordered, start = in_groups(warnings)
    clock = end_of_day(rule.as_of) if rule.as_of else int(known(ordered).max())
    found = told(versions(ordered, start, rule, clock), ordered)
    return {"alert_version": found, **standing(found)}
