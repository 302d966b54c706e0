"""The log: lines of JSON, masked, in a file or on standard error, or nowhere; and it never stops anybody."""

from __future__ import annotations

import json
import logging
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from cadence.logs import get_log, open_log

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 11, 24, 19, 10, tzinfo=UTC)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


@pytest.fixture
def log_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CADENCE_LOG", "ticks.log")
    return tmp_path / "ticks.log"


def test_without_a_setting_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CADENCE_LOG", raising=False)
    with open_log(tmp_path) as log:
        log.event("tick.begin")
        logging.getLogger("urllib3").warning("retrying")
        assert not log.on

    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr() == ("", "")


def test_a_line_says_when_what_and_by_which_process(tmp_path: Path, log_file: Path) -> None:
    with open_log(tmp_path):
        get_log().event("tick.begin", at=AT, time="a field of that name", text="zwei\nZeilen \u2028 \ud800")
    (line,) = lines(log_file)

    assert line.pop("time").endswith("Z")
    assert line.pop("pid") > 0
    assert line == {
        "level": "info",
        "event": "tick.begin",
        "at": "2026-11-24 19:10:00+00:00",
        "time_": "a field of that name",
        "text": "zwei\nZeilen \u2028 \ud800",
    }
    assert log_file.stat().st_mode & 0o077 == 0, "nobody else reads it"


def test_the_log_may_go_to_standard_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_text("CADENCE_LOG=-\n")
    monkeypatch.delenv("CADENCE_LOG", raising=False)
    with open_log(tmp_path) as log:
        log.warning("edit.held", why="a stage is gone")

    assert json.loads(capsys.readouterr().err)["why"] == "a stage is gone"


def test_an_exception_is_told_with_its_trace_and_without_its_secrets(
    tmp_path: Path, log_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "correct-horse")
    with open_log(tmp_path) as log:
        try:
            raise ValueError("cannot text +1 816 555 0142 with correct-horse" + " and more" * 1000 + " at the end")
        except ValueError as error:
            log.failure("tick.failed", error, lead="maria")
    (line,) = lines(log_file)

    assert (line["level"], line["error"], line["lead"]) == ("error", "ValueError", "maria")
    assert line["says"].endswith("at the end")
    assert "test_logs.py" in line["trace"] or len(line["trace"]) > 3000
    assert not {"816", "0142", "correct-horse"} & set(json.dumps(line).replace('"', " ").split())


def test_talkative_libraries_are_quietened_and_what_they_warn_of_is_masked(tmp_path: Path, log_file: Path) -> None:
    with open_log(tmp_path):
        for name in ("twilio.http_client", "python_http_client", "urllib3.connectionpool", "sendgrid"):
            logging.getLogger(name).info("POST to +18165550142")
        logging.getLogger("urllib3.connectionpool").warning(
            "retrying %s", "https://u:secret@example.com/?To=8165550142"
        )
    written = lines(log_file)  # a thread that another test left behind may warn, too
    (line,) = [each for each in written if each["says"].startswith("retrying")]

    assert "8165550142" not in log_file.read_text(encoding="utf-8")
    assert line["event"] == "library"
    assert line["library"] == "urllib3.connectionpool"
    assert line["says"] == "retrying https://***@example.com/?To=***42"
    logging.getLogger("urllib3.connectionpool").warning("nobody listens any more")
    assert "any more" not in log_file.read_text(encoding="utf-8")


def test_a_log_that_cannot_be_written_is_said_once_and_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CADENCE_LOG", "/dev/full")
    with open_log(tmp_path) as log:
        log.event("tick.begin")
        log.event("tick.end")
    assert capsys.readouterr().err == (
        "note: cannot write the log /dev/full: No space left on device; CADENCE_LOG says where it goes\n"
    )

    monkeypatch.setenv("CADENCE_LOG", "no/such/folder.log")
    with open_log(tmp_path) as log:
        log.event("tick.begin")
    assert "No such file or directory" in capsys.readouterr().err


def test_threads_write_whole_lines(tmp_path: Path, log_file: Path) -> None:
    with open_log(tmp_path) as log:
        crowd = [
            threading.Thread(
                target=lambda n=n: [log.event("touch.sent", touch=f"t{n}", text="x" * 3000) for _ in range(20)]
            )
            for n in range(8)
        ]
        for each in crowd:
            each.start()
        for each in crowd:
            each.join()

    assert len(lines(log_file)) == 160
