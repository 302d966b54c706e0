"""At first sight a preview tells what goes; the rest in a few words."""

from __future__ import annotations

from dataclasses import replace

from cadence.reports.condense import condensed


def test_touches_whose_condition_does_not_hold_are_left_out(story) -> None:
    sent = next(row for row in story if row.outcome == "sent")
    other_half = replace(sent, touch="after-hours", outcome="skipped", reason="condition")

    assert condensed([sent, other_half]) == [sent]


def test_touches_that_stopped_together_are_told_in_one_line(story) -> None:
    sent = next(row for row in story if row.outcome == "sent")
    stopped = [replace(sent, touch=name, outcome="stopped", reason="stopped") for name in ("second", "third")]

    (line,) = condensed(stopped)

    assert line.outcome == "event"
    assert line.reason_text == "2 touches of new will not go: second, third"


def test_touches_that_end_late_keep_their_own_line(story) -> None:
    late = next(row for row in story if row.reason == "late")

    assert condensed([late]) == [late]
