"""Colleagues are told what cannot wait, through the installed program."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Answer, NearShop

_HEAD = re.compile(r"^--- (\w+ \d\d \w+ \d{4} \d\d:\d\d) C[SD]T  (\S+) to (\S+)  \((\S+); ", re.MULTILINE)
DANA, JO, PAT = "+18165550101", "+18165550102", "+18165550106"


def _add(shop: NearShop, lead: str, at: str, phone: str = "816-555-0142", **facts: str) -> Answer:
    given = {"id": lead, "name": f"{lead.title()} Lopez", "phone": phone, "zip": "64110", "trade": "roofing", **facts}
    return shop.run("leads", "add", *(f"{name}={value}" for name, value in given.items()), "--now", at)


def _told(shop: NearShop) -> list[tuple[str, str, str]]:
    """What colleagues would have got: when, to whom, the words."""
    entries = re.split(r"(?=^--- )", shop.texts(), flags=re.MULTILINE)
    found = [(head, entry.partition("\n")[2].strip()) for entry in entries if (head := _HEAD.match(entry))]
    return [(head[1], head[3], words) for head, words in found if head[4].startswith("alert/")]


@pytest.mark.demand("E5")
def test_a_lead_at_8_pm_thursday_is_assigned_gets_its_holding_message_and_its_rep_is_alerted_before_8_am_friday(
    near_shop: NearShop,
) -> None:
    shop = near_shop
    _add(shop, "storm", "2026-12-03T20:00", urgency="storm")
    shop.tick("2026-12-03T20:01")
    (lead,) = shop.run("leads", "list", "--json").data

    assert lead["owner"] == "dana"
    assert "to +18165550142  (storm/roofer/-/1/1/after-hours;" in shop.texts()
    assert _told(shop) == [], "nobody is woken"

    for local in ("06:59", "07:00", "07:01"):
        shop.tick(f"2026-12-04T{local}")
    ((at, to, words),) = _told(shop)
    assert (at, to) == ("Fri 04 Dec 2026 07:00", DANA)
    assert words == "Storm Lopez is yours: New lead, first contact, hot\n(816) 555-0142"
    assert not [
        each for each in shop.run("leads", "show", "storm", "--json").data["timeline"] if "alert" in each["says"]
    ]


@pytest.mark.demand("E4")
def test_a_promise_that_is_missed_is_told_to_the_ops_lead_when_the_shops_clock_says_so(near_shop: NearShop) -> None:
    """Ten minutes before closing on Saturday: thirty open minutes are over at 8:20 on Monday."""
    shop = near_shop
    _add(shop, "drew", "2026-12-05T12:50")
    shop.tick("2026-12-05T12:51")
    shop.tick("2026-12-05T18:00")
    shop.tick("2026-12-07T08:10")
    assert [to for _, to, _ in _told(shop)] == [DANA, DANA], "it is hers, and due soon"

    shop.tick("2026-12-07T08:20")
    at, to, words = _told(shop)[-1]
    assert (at, to) == ("Mon 07 Dec 2026 08:20", PAT)
    assert words.startswith("Drew Lopez: first contact was missed")


def test_whoever_gets_the_leads_of_one_who_left_is_told_of_all_at_once(near_shop: NearShop) -> None:
    shop = near_shop
    for number in range(6):
        _add(shop, f"lead-{number}", "2026-11-24T13:10", f"816-555-020{number}")
    shop.tick("2026-11-24T13:11")
    before = _told(shop)
    page = shop.folder / "cadence.yaml"
    lines = page.read_text(encoding="utf-8").splitlines(keepends=True)
    page.write_text("".join(line for line in lines if "id: dana," not in line), encoding="utf-8")
    shop.tick("2026-11-24T13:20")
    ((_, to, words),) = _told(shop)[len(before) :]

    assert sorted(to for _, to, _ in before) == [DANA, JO], "the six were shared out"
    assert to == JO
    assert words.startswith("3 leads need you:\n- Lead-0 Lopez is yours: New lead, first contact")


def test_the_outbox_shows_a_message_to_a_colleague_with_the_leads_it_tells_of(near_shop: NearShop) -> None:
    shop = near_shop
    _add(shop, "maria", "2026-11-24T13:10")
    said = shop.tick("2026-11-24T13:11")
    listed = shop.run("outbox", "list", "--channel", "sms", "--json").data
    (key,) = [row["touch_key"] for row in listed if row["owner"] == "dana" and not row["lead"]]
    shown = shop.run("outbox", "show", key).out
    data = shop.run("outbox", "show", key, "--json").data

    assert "would have sent 1 call, 1 sms; " in said
    assert "would have told: 1 dana" in said
    assert "colleague:     dana\n" in shown
    assert (
        "It tells of:\n  maria: Maria Lopez is yours: New lead, first contact (assigned, Tue 24 Nov 2026 13:10)"
        in shown
    )
    assert "page:" not in shown
    assert [alert["lead"] for alert in data["alerts"]] == ["maria"]


def test_status_names_a_colleague_who_cannot_be_told(near_shop: NearShop) -> None:
    shop = near_shop
    shop.run("suppress", "add", DANA)
    _add(shop, "maria", "2026-11-24T13:10")
    shop.run("tick", "--now", "2026-11-24T13:11", expect=1)
    status = shop.run("status", "--now", "2026-11-24T13:12", expect=1)
    data = shop.run("status", "--now", "2026-11-24T13:12", "--json", expect=1).data

    assert "Dana Reyes could not be told of 1 thing by text" in status.out
    assert [problem["code"] for problem in data["problems"]] == ["untold"]
    assert data["colleagues"]["not_told"][0]["member"] == "dana"
    assert DANA not in status.out
