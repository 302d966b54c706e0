"""Settings of the machine: the environment goes before ``.env``, and a plain file is read without a library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dotenv import dotenv_values

from cadence.errors import CadenceError
from cadence.machine import kept_settings, setting

if TYPE_CHECKING:
    from pathlib import Path


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("CADENCE_LOG=kept.log\nCADENCE_PING_URL=https://ping.example.com/1\n")
    monkeypatch.setenv("CADENCE_LOG", "given.log")
    monkeypatch.delenv("CADENCE_PING_URL", raising=False)

    assert setting(tmp_path, "CADENCE_LOG") == "given.log"
    assert setting(tmp_path, "CADENCE_PING_URL") == "https://ping.example.com/1"
    assert setting(tmp_path, "CADENCE_NOTHING") == ""
    assert kept_settings(tmp_path / "elsewhere") == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A=1\n\n# a remark\n  export B=two\nC='three # not a remark'\nD=\"four five\"\nE=\nA=again\n",
        "A=1 # a remark\n",
        "A = spaced \n",
        "A=one two\n",
        'A="one\nB=two"\nC=3\n',
        "A=1\nB=${A}2\nC='it\\'s'\n",
        "A\nB=2\n",
        "A=1\r\nB=2\r\n",
        "A=C:\\shop\\cadence.db\n",
        "A='open\nB=2\n",
        "\ufeffA=1\n",
        "A=#1\nB=1#2\n",
    ],
)
def test_the_file_says_what_its_library_reads_in_it(text: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(text.encode())

    assert kept_settings(tmp_path) == {key: value or "" for key, value in dotenv_values(tmp_path / ".env").items()}


def test_a_file_that_is_no_text_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=\xff\xfe")

    with pytest.raises(CadenceError, match="not UTF-8"):
        kept_settings(tmp_path)
