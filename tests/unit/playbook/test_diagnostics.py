"""Diagnostics: how faults are kept, and how they are shown to a person, a program and a pull request."""

from __future__ import annotations

import json

import pytest

from cadence.playbook.diagnostics import (
    Diagnostic,
    Findings,
    did_you_mean,
    render_github,
    render_json,
    render_text,
)

FILE = "playbooks/roofer.yaml"


def fault(line: int = 7, column: int = 10, **changes: object) -> Diagnostic:
    said: dict[str, object] = {
        "file": FILE,
        "line": line,
        "column": column,
        "length": 6,
        "severity": "error",
        "code": "bad-duration",
        "message": "'15 min' is not a duration",
        "help": "write 15m, 2h or 3d",
        "source": "    sla: 15 min",
    }
    return Diagnostic(**{**said, **changes})  # type: ignore[arg-type]


class TestText:
    def test_a_fault_is_shown_with_its_line_and_carets_and_the_help_beside_them(self) -> None:
        assert render_text([fault()], 3) == (
            "playbooks/roofer.yaml:7:10: error[bad-duration]: '15 min' is not a duration\n"
            "     7 |     sla: 15 min\n"
            "       |          ^^^^^^  help: write 15m, 2h or 3d\n"
            "1 error in 1 of 3 playbooks. `cadence docs bad-duration` explains a code.\n"
        )

    def test_a_fault_without_a_line_to_show_has_its_help_below(self) -> None:
        assert render_text([fault(source="")], 1).splitlines()[:2] == [
            "playbooks/roofer.yaml:7:10: error[bad-duration]: '15 min' is not a duration",
            "       = help: write 15m, 2h or 3d",
        ]

    def test_a_fault_without_a_help_ends_with_its_carets(self) -> None:
        assert render_text([fault(help="")], 1).splitlines()[2] == "       |          ^^^^^^"

    def test_faults_come_by_file_and_place(self) -> None:
        found = [fault(9), fault(2, file="b.yaml"), fault(7, 3), fault(7, 1)]
        places = [line.split(" ")[0] for line in render_text(found, 3).splitlines() if "error[" in line]
        assert places == ["b.yaml:2:10:", f"{FILE}:7:1:", f"{FILE}:7:3:", f"{FILE}:9:10:"]

    def test_the_closing_sentence_counts_errors_warnings_and_files(self) -> None:
        found = [fault(), fault(8), fault(9, severity="warning"), fault(file="playbooks/hvac.yaml")]
        assert render_text(found, 3).endswith(
            "3 errors and 1 warning in 2 of 3 playbooks. `cadence docs bad-duration` explains a code.\n"
        )

    def test_warnings_alone_are_no_errors(self) -> None:
        text = render_text([fault(severity="warning")], 2)
        assert "warning[bad-duration]" in text
        assert "\n1 warning in 1 of 2 playbooks." in text

    def test_more_faulty_files_than_pages_are_called_files(self) -> None:
        found = [fault(), fault(file="templates/new/instant.sms.j2")]
        assert "\n2 errors in 2 files." in render_text(found, 1)

    @pytest.mark.parametrize(
        ("files", "sentence"),
        [
            (0, "There was no playbook to check.\n"),
            (1, "1 playbook checked: everything is in order.\n"),
            (3, "3 playbooks checked: everything is in order.\n"),
        ],
    )
    def test_nothing_wrong_is_said_kindly(self, files: int, sentence: str) -> None:
        assert render_text([], files) == sentence

    def test_pages_may_be_called_otherwise(self) -> None:
        assert render_text([], 2, noun="file") == "2 files checked: everything is in order.\n"

    def test_a_tab_counts_as_one_character_and_the_carets_stay_below_their_text(self) -> None:
        line, carets = render_text([fault(column=2, length=3, source="\tsla: 15 min")], 1).splitlines()[1:3]
        assert line.index("sla") == carets.index("^^^")

    def test_wide_characters_take_two_cells(self) -> None:
        carets = render_text([fault(column=5, length=2, source="a: 🏠 b c")], 1).splitlines()[2]
        assert carets.startswith("       |      ^^")

    def test_what_would_move_the_cursor_is_not_written(self) -> None:
        text = render_text([fault(source="a: \x1b[2J\u202eb", message="'\x1b[2J' is\nbad", help="\x07")], 1)
        assert all(character.isprintable() or character == "\n" for character in text)
        assert len(text.splitlines()) == 4

    def test_a_long_line_is_cut_around_the_fault(self) -> None:
        source = "x" * 5000 + "15 min" + "y" * 5000
        line, carets = render_text([fault(column=5001, source=source)], 1).splitlines()[1:3]
        assert len(line) < 200
        start = carets.index("^")
        assert line[start : start + 6] == "15 min"
        assert (line[9], line[-1]) == ("…", "…")

    def test_colour_adds_nothing_but_colour(self) -> None:
        found = [fault(), fault(8, severity="warning")]
        coloured = render_text(found, 1, colour=True)
        assert "\x1b[" not in render_text(found, 1)
        for code in ("\x1b[1;31m", "\x1b[1;33m", "\x1b[36m", "\x1b[2m", "\x1b[0m"):
            assert code in coloured
            coloured = coloured.replace(code, "")
        assert coloured == render_text(found, 1)


class TestFindings:
    def test_each_fault_is_kept_once(self) -> None:
        found = Findings([fault()])
        found.add(fault(), fault(9))
        assert len(found) == 2

    def test_they_are_listed_by_place_and_counted(self) -> None:
        found = Findings([fault(9), fault(3, severity="warning"), fault(5, file="a.yaml")])
        assert [one.line for one in found] == [one.line for one in found.sorted] == [5, 3, 9]
        assert (found.errors, found.warnings) == (2, 1)
        assert found.files == ("a.yaml", FILE)

    def test_only_errors_make_a_file_unusable(self) -> None:
        assert Findings([fault()]).has_errors
        assert not Findings([fault(severity="warning")]).has_errors
        assert not Findings().has_errors


class TestOtherPrograms:
    def test_json_has_the_counts_and_every_fault(self) -> None:
        document = json.loads(render_json([fault(), fault(2, severity="warning", message="é")], 3))
        assert (document["files_checked"], document["errors"], document["warnings"]) == (3, 1, 1)
        assert document["diagnostics"][1] == {
            "file": FILE,
            "line": 7,
            "column": 10,
            "end_column": 16,
            "severity": "error",
            "code": "bad-duration",
            "message": "'15 min' is not a duration",
            "help": "write 15m, 2h or 3d",
        }
        assert document["diagnostics"][0]["message"] == "é"

    def test_github_gets_one_command_for_each_fault(self) -> None:
        assert render_github([fault(), fault(9, severity="warning", help="")]) == (
            f"::error file={FILE},line=7,endLine=7,col=10,endColumn=16,title=bad-duration::"
            "'15 min' is not a duration; write 15m, 2h or 3d\n"
            f"::warning file={FILE},line=9,endLine=9,col=10,endColumn=16,title=bad-duration::"
            "'15 min' is not a duration\n"
        )

    def test_github_commands_cannot_be_broken_out_of(self) -> None:
        text = render_github([fault(file="a:b,c%\n.yaml", message="50%: a,\r\n::error::b", help="")])
        assert text.count("\n") == 1
        assert "file=a%3Ab%2Cc%25%0A.yaml," in text
        assert text.endswith("::50%25: a,%0D%0A::error::b\n")


class TestDidYouMean:
    @pytest.mark.parametrize(
        ("word", "meant"),
        [
            ("ownr", "owner"),
            ("touchs", "touches"),
            ("Owner", "owner"),
            ("stop-on", "stop_on"),
            ("stop on", "stop_on"),
            ("owner ", "owner"),
        ],
    )
    def test_the_nearest_option_is_asked_for(self, word: str, meant: str) -> None:
        assert did_you_mean(word, ["title", "owner", "touches", "stop_on"]) == f"did you mean '{meant}'?"

    @pytest.mark.parametrize("word", ["colour", "", "x" * 10_000, "owner"])
    def test_what_is_like_nothing_or_right_already_asks_for_nothing(self, word: str) -> None:
        assert did_you_mean(word, ["owner", "touches"]) is None

    def test_without_options_there_is_no_question(self) -> None:
        assert did_you_mean("owner", []) is None
