"""Reasons in words."""

from liandong.step.reasons import reason_text


def test_words_may_write_points_as_a_share_or_as_yuan() -> None:
    """Numbers that people read have their units: no fen, no parts per million."""
    assert reason_text("trace.owners_threshold", 250_000, "en") == "the threshold is 25%"
    assert reason_text("trace.owners_threshold", 226_441, "zh") == "标准为 22.6441%"
    said = reason_text("trace.bound_paid_out", 123_456_78, "en")
    assert said == "123,456.78 yuan were paid out in all"
