"""What a tick tells the log of."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from cadence.logs import open_log
from cadence.playbook.diagnostics import Diagnostic
from cadence.runner.journal import KINDS, batch_done, told, touch_reconciled, touch_settled
from cadence.runner.publish import Published
from cadence.runner.report import TickReport
from cadence.store.outbox import Ending, OutboxRow

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 11, 24, 19, 10, tzinfo=UTC)
ROW = OutboxRow(
    touch_key="maria/roofer/1/instant", lead="maria", enrolment="maria/roofer", visit=1, playbook="roofer", digest="d",
    stage="new", touch="instant", channel="sms", decided_at=AT, address="+18165550142", body="Hi Maria", attempts=2,
)  # fmt: skip
FAULT = Diagnostic("playbooks/roofer.yaml", 7, 1, 1, "error", "bad-duration", "'15 min' is not a duration")


def ending(state: str, detail: str = "", provider_id: str = "", check_at: datetime | None = None) -> Ending:
    return Ending(
        touch_key=ROW.touch_key, attempts=2, state=state, reason="x", detail=detail, provider_id=provider_id,
        check_at=check_at,
    )  # fmt: skip


def test_a_tick_tells_of_itself_in_the_documented_kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line holds an address or a text; what needs a person is a warning."""
    monkeypatch.setenv("CADENCE_LOG", "ticks.log")
    report = TickReport(
        at=AT,
        leads=3,
        set_aside={"bob": "KeyError"},
        published=Published(held=("playbooks/roofer.yaml was not published",), faults=(FAULT,)),
    )
    with open_log(tmp_path):
        with told() as telling:
            telling.begins(account="summit", at=AT, mode="live")
            batch_done(leads=3, claims=1, seconds=0.01)
            touch_settled(ROW, ending("sent", provider_id="SM0123456789abcdef0123456789abcdef"))
            touch_settled(ROW, ending("failed", "21610: +18165550142 opted out"))
            touch_settled(ROW, ending("waits", "429"))
            touch_settled(ROW, ending("unknown", "timeout", check_at=AT))
            touch_reconciled(ROW, ending("sent", provider_id="SM1"))
            telling.ends(report)
        with pytest.raises(RuntimeError), told():
            raise RuntimeError("disk")
    lines: list[dict[str, Any]] = [json.loads(line) for line in (tmp_path / "ticks.log").read_text().splitlines()]
    told_of = {line["event"]: line for line in lines}

    assert set(told_of) == set(KINDS) - {"library"}
    assert [line["event"] for line in lines if line["level"] == "warning"] == [
        "touch.failed", "touch.unknown", "lead.set_aside", "edit.held", "edit.faulty",
    ]  # fmt: skip
    assert told_of["touch.sent"]["provider_id"] == "SM0123456789abcdef0123456789abcdef"
    assert told_of["touch.failed"]["why"] == "21610: ***42 opted out"
    assert (told_of["touch.unknown"]["attempt"], told_of["touch.unknown"]["check_at"]) == (
        2,
        "2026-11-24 19:10:00+00:00",
    )
    assert told_of["tick.end"]["counts"] == {"leads": 3, "set_aside": {"bob": "KeyError"}}
    assert told_of["tick.failed"]["error"] == "RuntimeError"
    assert "Hi Maria" not in str(lines)


def test_without_a_log_nothing_is_made_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CADENCE_LOG", raising=False)
    with open_log(tmp_path), told() as telling:
        telling.begins(account="summit", at=AT, mode="log")
        touch_settled(ROW, ending("sent"))
        telling.ends(TickReport(at=AT))

    assert list(tmp_path.iterdir()) == []
