"""What a trial of rules looks at: all of a log, or some subjects with all their events."""

from datetime import timedelta

import pyarrow.compute as pc

from liandong.schema.arrow import build
from liandong.watch.rulebook.replayed import LATE, sample
from support.flows import START


def log(subjects, days, wait):
    """Return an event a day of each subject, seen after so many days."""
    seen = {
        (s, d): START + timedelta(days=d + wait(d)) for s in range(subjects) for d in range(days)
    }
    keys = sorted(seen)
    return build("watch_event", {
        "event_id": [f"{s}/{d}" for s, d in keys], "source": ["s"] * len(keys),
        "seq": [d for _, d in keys], "at": [START + timedelta(days=d) for _, d in keys],
        "seen_at": [START + timedelta(days=d + wait(d)) for _, d in keys],
        "kind": ["k"] * len(keys),
        "subject_id": [f"F{s}" for s, _ in keys],
    })  # fmt: skip


def test_an_orderly_log_is_taken_whole():
    orderly = log(40, 10, lambda _: 3)
    assert sample(orderly, len(orderly)) is orderly
    assert 100 < len(sample(orderly, len(orderly) // 2)) < 300


def test_what_came_late_counts_more_and_subjects_stay_whole():
    late = log(400, 10, lambda d: 5 if d == 2 else 0)  # one of ten comes after the next four
    effort = len(late) + LATE * 400
    assert sample(late, effort) is late
    some = sample(late, effort // 4)
    assert 60 < pc.count_distinct(some["subject_id"]).as_py() < 140
    assert set(pc.value_counts(some["subject_id"]).field("counts").to_pylist()) == {10}
