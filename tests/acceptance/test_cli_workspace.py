"""Making a workspace, checking it, reading about it: the commands that need no database."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Answer, Shop

PROGRAM = Path(sys.executable).with_name("cadence")
COMMANDS = ("init", "validate", "docs", "dry-run", "rehearse", "leads", "event", "pause", "resume", "tick", "doctor")


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_program_alone_prints_its_manual_page_and_every_command_describes_itself(
    program: Callable[..., Answer],
) -> None:
    """`cadence` is a question, not a mistake; unknown commands are met with the nearest one."""
    page = program()
    unknown = program("dryrun")
    helps = {name: program(name, "--help") for name in COMMANDS}

    assert (page.code, page.err) == (0, "")
    assert page.out == program("--help").out
    assert all(f"\n  {name} " in page.out for name in COMMANDS)
    assert unknown.code == 2
    assert "did you mean 'dry-run'?" in unknown.err
    for name, answer in helps.items():
        usage, description, *_ = [part for part in answer.out.split("\n\n") if part.strip()]
        assert answer.code == 0
        assert usage.startswith(f"Usage: cadence {name}")
        assert len(description.split()) > 4, f"{name} says too little about itself"


def test_init_makes_a_workspace_that_validates_and_never_overwrites_a_file(
    tmp_path: Path, program: Callable[..., Answer]
) -> None:
    """A folder with spaces serves as well; a second time nothing is written."""
    folder = tmp_path / "Summit Roofing (new)"
    made = program("init", str(folder), "--trade", "roofer", "--trade", "roofer")
    assert made.code == 0, made.err
    assert sorted(path.name for path in (folder / "playbooks").iterdir()) == [
        "roofer.samples.yaml",
        "roofer.test.yaml",
        "roofer.yaml",
    ]
    assert program("-C", str(folder), "validate").code == 0

    page = folder / "playbooks" / "roofer.yaml"
    page.write_text(page.read_text() + "# ours\n")
    before = _contents(folder)
    again = program("init", str(folder))

    assert again.code == 2
    assert "there already; nothing was written" in again.err
    assert _contents(folder) == before, "not even the other trades were added"


def test_init_does_not_follow_a_link_that_leads_nowhere(tmp_path: Path, program: Callable[..., Answer]) -> None:
    """A dangling link in the folder is a file of the user's all the same."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "cadence.yaml").symlink_to(tmp_path / "elsewhere.yaml")

    assert program("init", str(tmp_path / "shop")).code == 2
    assert not (tmp_path / "elsewhere.yaml").exists()


def test_init_makes_a_secret_that_nobody_else_can_read_and_git_does_not_see(
    tmp_path: Path, program: Callable[..., Answer]
) -> None:
    """Each shop has one of its own; a settings file that is there already is left alone."""
    for name in ("one", "two"):
        assert program("init", str(tmp_path / name), "--trade", "roofer").code == 0
    (tmp_path / "three").mkdir()
    (tmp_path / "three" / ".env").write_text("OURS=1\n")
    (tmp_path / "three" / ".gitignore").write_text("dist\n")
    third = program("init", str(tmp_path / "three"), "--trade", "roofer")

    one, two = ((tmp_path / name / ".env") for name in ("one", "two"))
    assert one.stat().st_mode & 0o777 == 0o600
    secrets = [file.read_text().rpartition("CADENCE_SECRET=")[2].strip() for file in (one, two)]
    assert [len(each) for each in secrets] == [64, 64]
    assert secrets[0] != secrets[1]
    assert ".env" in (tmp_path / "one" / ".gitignore").read_text().splitlines()
    assert (third.code, (tmp_path / "three" / ".env").read_text()) == (0, "OURS=1\n")
    assert (tmp_path / "three" / ".gitignore").read_text() == "dist\n"
    assert "see that it names .env" in third.err


def test_init_explains_what_it_cannot_do(tmp_path: Path, program: Callable[..., Answer]) -> None:
    """An unknown trade, a file where a folder should be, a place nobody may write in."""
    (tmp_path / "file").write_text("mine")
    unknown = program("init", str(tmp_path / "shop"), "--trade", "rofer")
    below_a_file = program("init", str(tmp_path / "file" / "shop"))
    nowhere = program("init", "/proc/shop")

    assert unknown.code == 2
    assert "did you mean 'roofer'?" in unknown.err
    assert "hvac, plumber, roofer" in unknown.err
    assert not (tmp_path / "shop").exists()
    for answer in (below_a_file, nowhere):
        assert answer.code == 1
        assert answer.err.startswith("cadence: cannot write ")
    assert (tmp_path / "file").read_text() == "mine"


def test_validate_tells_people_programs_and_annotations_the_same_fault(make_shop: Callable[..., Shop]) -> None:
    """Exit 1 with a fault, on standard output, whatever the format; inside GitHub Actions annotations by itself."""
    shop = make_shop("roofer")
    page = shop.folder / "playbooks" / "roofer.yaml"
    lines = page.read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if text.startswith("limits:"))
    lines[line - 1] = "limits: {messages_per_day: 2, min_gap: 4 hours}"
    page.write_text("\n".join(lines))

    text = shop.run("validate", expect=1)
    data = shop.run("validate", "--format", "json", expect=1)
    github = shop.run("validate", expect=1, env={"GITHUB_ACTIONS": "true"})

    assert f"playbooks/roofer.yaml:{line}:" in text.out
    assert "error[bad-duration]" in text.out
    assert text.err == data.err == github.err == ""
    faults = [each for each in json.dumps(data.data).split("{") if '"bad-duration"' in each]
    assert len(faults) == 1
    assert f"::error file=playbooks/roofer.yaml,line={line}," in github.out


def test_validate_shows_the_findings_of_the_files_asked_for(make_shop: Callable[..., Shop]) -> None:
    """A file, a folder, the whole workspace; what is no file of it is refused."""
    shop = make_shop("roofer", "plumber")
    page = shop.folder / "playbooks" / "plumber.yaml"
    page.write_text(page.read_text().replace("messages_per_day", "messages_a_day"))

    assert "messages_a_day" in shop.run("validate", str(page.parent), expect=1).out, "a folder stands for its files"
    other = shop.run("validate", str(page.with_name("roofer.yaml")), str(shop.folder / "cadence.yaml"))
    assert "messages_a_day" not in other.out
    assert "is not in the workspace" in shop.run("validate", "/etc/hosts", expect=2).err
    assert "there is no file" in shop.run("validate", "x" * 300, expect=2).err


def test_strict_counts_warnings_as_faults(make_shop: Callable[..., Shop]) -> None:
    """The starter page has a remark to make, which is no fault by itself."""
    shop = make_shop("roofer")

    assert "warning[" in shop.run("validate", "--strict", expect=1).out


def test_validate_reports_whatever_is_wrong_with_the_files_without_losing_the_thread(
    make_shop: Callable[..., Shop],
) -> None:
    """A broken cadence.yaml, no playbooks, a missing template, bytes that are no text, a dangling link."""
    shop = make_shop("roofer")
    page, settings = shop.folder / "playbooks" / "roofer.yaml", shop.folder / "cadence.yaml"
    good_page, good_settings = page.read_bytes(), settings.read_bytes()

    settings.write_bytes(b"cadence: 1\naccount: [summit\n")
    page.write_bytes(b"\xff\xfe\x00" * 400)
    broken = shop.run("validate", expect=1).out
    assert "cadence.yaml:" in broken
    assert "playbooks/roofer.yaml:" in broken
    settings.write_bytes(bytes(range(256)) * 8)
    assert "cadence.yaml:" in shop.run("validate", expect=1).out
    settings.write_bytes(good_settings)
    page.write_bytes(good_page)

    text = shop.folder / "templates" / "roofer" / "new" / "instant.sms.j2"
    text.unlink()
    missing = shop.run("validate", expect=1).out
    assert "roofer/new/instant" in missing
    assert "playbooks/roofer.yaml:" in missing
    text.symlink_to(shop.folder / "nowhere.j2")
    assert "instant.sms.j2" in shop.run("validate", expect=1).err
    text.unlink()

    shutil.rmtree(shop.folder / "playbooks")
    assert "error[no-playbooks]" in shop.run("validate", expect=1).out


def test_what_editors_leave_behind_is_no_page(make_shop: Callable[..., Shop]) -> None:
    """Emacs marks a page being edited by a link beside it that leads nowhere; a Mac adds files that begin with ._"""
    shop = make_shop("roofer")
    (shop.folder / "playbooks" / ".#roofer.yaml").symlink_to("dana@desk.1234:1")
    (shop.folder / "playbooks" / "._roofer.yaml").write_bytes(b"\x00\x05\x16\x07")

    assert shop.run("validate").code == 0
    assert shop.run("tick").code == 0
    assert shop.run("tick").out == "nothing due\n"


def test_docs_explains_codes_and_lists_events(tmp_path: Path, program: Callable[..., Answer]) -> None:
    """No workspace is needed."""
    codes = program("docs", cwd=tmp_path)
    one = program("docs", "bad-duration", cwd=tmp_path)
    unknown = program("docs", "bad-durations", cwd=tmp_path)
    events = program("docs", "events", cwd=tmp_path)

    assert "  bad-duration\n" in codes.out
    assert one.out.startswith("## bad-duration\n")
    assert unknown.code == 2
    assert unknown.err == "cadence: there is nothing about 'bad-durations'\n  help: did you mean 'bad-duration'?\n"
    assert "\nno_decision" in events.out
    assert "follow_up_due" in events.out


def test_outside_a_workspace_a_command_says_how_to_get_one(tmp_path: Path, program: Callable[..., Answer]) -> None:
    """The nearest cadence.yaml upwards counts; there is none."""
    lost = program("tick", cwd=tmp_path)

    assert lost.code == 2
    assert "no cadence.yaml" in lost.err
    assert "cadence init" in lost.err


def test_a_workspace_is_found_from_a_folder_inside_it(
    make_shop: Callable[..., Shop], program: Callable[..., Answer]
) -> None:
    """As with git, any folder of the workspace will do."""
    shop = make_shop("roofer")

    assert program("validate", "roofer.yaml", cwd=shop.folder / "playbooks").code == 0


def test_what_a_terminal_cannot_show_does_not_stop_a_command(make_shop: Callable[..., Shop]) -> None:
    """A plain ASCII terminal, a pipe that closes early, a full disk behind a redirection."""
    shop = make_shop("roofer")
    plain = shop.run("dry-run", "--days", "1", env={"PYTHONIOENCODING": "ascii"})
    assert "Summit Home Services" in plain.out

    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        done = subprocess.run([str(PROGRAM), "docs"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "cadence: cannot use the output: No space left on device\n"
    closed = subprocess.run(["bash", "-c", f"{PROGRAM} docs | true"], capture_output=True, text=True, check=False)
    assert closed.stderr == ""
