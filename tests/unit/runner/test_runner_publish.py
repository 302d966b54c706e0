"""What becomes of edited files: published, held with a reason, or left as they are because of their faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cadence.errors import InvalidWorkspace
from cadence.runner.publish import Published
from cadence.runner.settings import account_named, read_settings
from cadence.store import versions
from support.desk import TUESDAY, minutes

if TYPE_CHECKING:
    from support.desk import Desk


def _in_force(desk: Desk) -> dict[str, tuple[str, object]]:
    with desk.account.store.read() as session:
        return dict(versions.current(session, "summit"))


def test_files_are_published_once_and_again_when_they_were_edited(desk: Desk) -> None:
    """The same files say nothing new; a comment is no edit."""
    first = desk.publish()
    assert [playbook for playbook, _ in first.new] == ["roofer"]
    assert desk.publish(minutes(1)) == Published()
    desk.edit("# The roofing desk", "# Our roofing desk")
    assert desk.publish(minutes(2)) == Published()
    desk.edit("min_gap: 4h", "min_gap: 5h")
    ((playbook, digest),) = desk.publish(minutes(3)).new

    assert playbook == "roofer"
    in_force, since = _in_force(desk)["roofer"]
    assert in_force.startswith(digest)
    assert since == minutes(3)


def test_faults_publish_nothing_and_what_is_in_force_goes_on(desk: Desk) -> None:
    """With nothing in force yet there is nothing to go on with."""
    good = desk.page.read_text()
    desk.edit("min_gap: 4h", "min_gap: 4 hours")
    with pytest.raises(InvalidWorkspace):
        desk.publish()
    desk.page.write_text(good)
    desk.publish()
    before = _in_force(desk)
    desk.edit("min_gap: 4h", "min_gap: 4 hours")
    said = desk.publish(minutes(1))

    assert "bad-duration" in {fault.code for fault in said.faults}
    assert said.new == ()
    assert _in_force(desk) == before


def test_a_file_that_cannot_be_read_holds_the_edit(desk: Desk) -> None:
    """A link to nowhere is not the end of the ticks."""
    desk.publish()
    (desk.root / "playbooks" / "hvac.yaml").symlink_to(desk.root / "nowhere.yaml")
    (said,) = desk.publish(minutes(1)).held

    assert "cannot read" in said
    assert "hvac.yaml" in said


def test_a_page_that_is_gone_is_retired_once_nobody_stands_in_it(desk: Desk) -> None:
    """Leads in it keep it in force, and a sentence says how many."""
    desk.add("maria", "+18165550142")
    desk.edit("playbook: roofer", "playbook: roofs")
    (desk.root / "playbooks" / "roofer.samples.yaml").unlink()
    held = desk.publish(minutes(1))

    assert held.held == ("the page of 'roofer' is gone, and 1 lead stands in it: it stays in force as it was",)
    assert [playbook for playbook, _ in held.new] == ["roofs"]
    assert set(_in_force(desk)) == {"roofer", "roofs"}
    desk.edit("playbook: roofs", "playbook: roofing")
    assert desk.publish(minutes(2)).retired == ("roofs",)
    assert set(_in_force(desk)) == {"roofer", "roofing"}


def test_settings_of_a_faulty_cadence_yaml_are_the_last_good_ones(desk: Desk) -> None:
    """Its account key is read as plain text; without anything in force the faults are told."""
    settings = desk.root / "cadence.yaml"
    good = settings.read_text()
    settings.write_text(good.replace("timezone: America/Chicago", "timezone: America/Chikago"))
    with pytest.raises(InvalidWorkspace):
        read_settings(desk.root)
    settings.write_text(good)
    desk.publish(TUESDAY)
    settings.write_text(good.replace("timezone: America/Chicago", "timezone: America/Chikago"))

    assert read_settings(desk.root).timezone == "America/Chicago"
    assert account_named(desk.root) == "summit"
    settings.write_text(good.replace("account: summit", "account: [summit]"))
    assert account_named(desk.root) == ""
    with pytest.raises(InvalidWorkspace):
        read_settings(desk.root)
