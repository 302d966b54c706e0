"""Two ways at once through the installed program: sixty leads, who fell to which way, and what the report says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.entry import call

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import NearShop

LEADS = [f"lead-{number:02}" for number in range(60)]
STARTS, LATER = "2026-11-02T10:00", "2026-12-03T10:00"

PAGE = """
cadence: 1
playbook: tried
title: Three touches against five
routing:
  csr:
    variants: {by-zip: 1, in-turn: 1}
    rules: [{if: "lead.zip == '64110'", assign: dana, variant: by-zip}]
limits: {messages_per_day: 9, messages_per_week: 9, min_gap: 1m}
stages:
  new:
    title: New lead
    owner: csr
    enter_on: [lead.created]
    lock: {by: [appointment.booked]}
    variants: {three: 1, five: 1}
    touches:
      - {id: hello, channel: sms, send: now, template: tried/story, variants: {story: 1, offer: 1}}
      - {id: second, channel: sms, after: 20m, template: tried/story}
      - {id: third, channel: sms, after: 40m, template: tried/story}
      - {id: fourth, channel: sms, after: 60m, template: tried/story, variant: five}
      - {id: fifth, channel: sms, after: 80m, template: tried/story, variant: five}
    next: {lead.won: won, silence: {after: 90d, to: lost}}
  won: {end: won}
  lost: {end: lost}
"""


def write_page(folder: Path, page: str = PAGE) -> None:
    for old in (folder / "playbooks").glob("roofer*"):
        old.unlink()
    (folder / "playbooks" / "tried.yaml").write_text(page, encoding="utf-8")
    texts = folder / "templates" / "tried"
    texts.mkdir(exist_ok=True)
    for name in ("story", "offer"):
        text = "{{ business.name }}: shall we come by? Reply STOP to opt out."
        (texts / f"{name}.sms.j2").write_text(text, encoding="utf-8")


def report(shop: NearShop, now: str) -> dict[str, Any]:
    """Return the three tests by what is tried."""
    data = shop.run("report", "experiments", "--json", "--now", now).data
    return {each["kind"]: each for each in data["experiments"]}


def said(shop: NearShop, now: str) -> str:
    return " ".join(shop.run("report", "experiments", "--now", now).out.split())


def fell(shop: NearShop) -> dict[str, list[str]]:
    """Return the leads of each sequence, by the touches they got."""
    sent: dict[str, list[str]] = {lead: [] for lead in LEADS}
    for each in shop.run("outbox", "list", "--state", "sent", "--json", "--limit", "500").data:
        if each["lead"]:  # not word to a colleague
            sent[each["lead"]].append(each["touch"])
    of = {"three": ["hello", "second", "third"], "five": ["fifth", "fourth", "hello", "second", "third"]}
    found = {name: [lead for lead in LEADS if sorted(sent[lead]) == sorted(touches)] for name, touches in of.items()}
    assert sorted(found["three"] + found["five"]) == LEADS, sent
    return found


def figures(arms: list[dict[str, Any]], *names: str) -> dict[str, tuple[int, ...]]:
    return {arm["variant"]: tuple(arm[name] for name in names) for arm in arms}


@pytest.mark.demand("E13")
def test_a_winner_is_named_when_the_test_says_so_and_too_many_opt_outs_stop_it(near_shop: NearShop) -> None:
    shop, at = near_shop, ("--at", "2026-11-05T10:00", "--now", LATER)
    write_page(shop.folder)
    rows = [f"{lead},Lead {lead[5:]},+1816555{1000 + n},64110" for n, lead in enumerate(LEADS)]
    (shop.folder / "list.csv").write_text("\n".join(["id,name,phone,zip", *rows]), encoding="utf-8")
    assert said(shop, STARTS).endswith("has more than one variant."), "nothing is published yet"
    shop.run("leads", "import", "list.csv", "--now", STARTS)
    for minute in (0, 21, 42, 63, 84):
        shop.tick(f"2026-11-02T{10 + minute // 60}:{minute % 60:02}")

    ways = fell(shop)
    three, five = ways["three"], ways["five"]
    shown = shop.run("leads", "show", five[0], "--json").data["enrolments"][0]
    assert shown["variant"] == "five"

    # at the start: how many leads it takes, and for how long
    first = report(shop, "2026-11-02T12:00")
    assert first.keys() == {"sequence", "routing", "text"}
    assert {each["verdict"] for each in first.values()} == {"not_enough_data"}
    assert all(sum(arm["leads"] for arm in each["variants"]) == 60 for each in first.values())
    assert first["sequence"]["leads_counted"] == 0
    assert first["sequence"]["leads_needed"] > 1000
    assert first["sequence"]["weeks_needed"] > 15
    assert "Not enough data: 0 of about 1,400 leads have counted" in said(shop, "2026-11-02T12:00")

    # a month later: what is usual
    booked = [*three[:8], *five[:9]]
    for lead in booked:
        shop.run("event", lead, "appointment.booked", "--data", "starts_at=2026-12-24T09:00", *at)
    usual = report(shop, LATER)
    assert figures(usual["sequence"]["variants"], "counted", "locked") == {
        "three": (len(three), 8),
        "five": (len(five), 9),
    }
    assert {each["verdict"] for each in usual.values()} == {"not_enough_data"}
    for lead in three[8:20]:
        shop.run("event", lead, "reply", "--data", "text=thanks", *at)
    assert report(shop, LATER)["sequence"]["verdict"] == "not_enough_data", "replies pick no winner"

    # the longer sequence locks far more
    for lead in five[9:]:
        shop.run("event", lead, "appointment.booked", "--data", "starts_at=2026-12-24T09:00", *at)
    clear = report(shop, LATER)["sequence"]
    assert (clear["verdict"], clear["variants_meant"]) == ("winner", ["five"])
    assert clear["evidence"] >= clear["evidence_needed"] == 20
    assert "Use 'five': more of its leads lock a next step (100%" in said(shop, LATER)

    # and yet
    for lead in five[:8]:
        shop.run("event", lead, "opt_out", *at)
    stopped = report(shop, LATER)["sequence"]
    assert (stopped["verdict"], stopped["variants_meant"]) == ("stop", ["five"])
    assert f"Stop 'five': too many opt-outs (0 of {len(three)} in 'three', 8 of {len(five)} in 'five')" in said(
        shop, LATER
    )


def test_what_cannot_be_asked_is_refused(near_shop: NearShop) -> None:
    for words, code, complaint in (
        (("--within", "30"), 2, "--within: "),
        (("--since", "soon"), 2, "--since: "),
        (("--points", "0"), 2, "--points"),
    ):
        answer = call(near_shop.folder, "report", "experiments", *words)
        assert (answer.code, answer.out) == (code, ""), words
        assert complaint in answer.err


def test_a_variant_nobody_has_is_a_fault_with_its_place(near_shop: NearShop) -> None:
    write_page(
        near_shop.folder, PAGE.replace("template: tried/story, variant: five}", "template: tried/story, variant: fife}")
    )

    answer = near_shop.run("validate", expect=1)

    assert "the stage 'new' has no variant 'fife'" in answer.out + answer.err
