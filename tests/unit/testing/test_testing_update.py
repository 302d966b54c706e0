"""A page of tests brought up to date: what happened is expected from now on, and every other letter stays."""

from __future__ import annotations

import pytest

from cadence.errors import Refused
from cadence.playbook.source import read_page
from support.tried import HEAD, Tried

HOURS = "The law allows sales calls there from 8 AM to 9 PM that day."
GREETING = "Hi Maria, Dana at Summit Roofing here. Reply STOP to opt out."


def after(tests: str, **more: str) -> str:
    """Bring tests up to date, and return them; they pass then, and a second time changes nothing."""
    shop = Tried(tests, **more)
    raw = shop.update().raw
    assert all(result.passed for result in shop.results(raw))
    assert shop.update(raw).raw == raw
    head = more.get("head", HEAD)
    assert raw.decode().startswith(head)
    return raw.decode().removeprefix(head)


def test_an_empty_list_gets_all_that_goes_with_its_whole_text() -> None:
    assert (
        after("""\
    - test: nobody answers
      lead: maria
      until: 1h
      expect: []
    """)
        == f"""\
  - test: nobody answers
    lead: maria
    until: 1h
    expect:
      - at: "2026-11-24T13:10"
        touch: call
        text: |-
          Open with: Hi, Dana here.

          Ask: is it urgent?

          Their time when this is due: Tue 24 Nov 1:10 PM CST. {HOURS}
        owner: dana
        due: "2026-11-24T13:10"
      - at: "2026-11-24T13:10"
        touch: hello
        text: "{GREETING}"
"""
    )


COMMENTED = """\
- test: nobody answers          # a comment behind the name
  lead: maria
  until: 1h
  expect:                       # one behind the key
    # one above an item
    - {at: "2026-11-24T13:10", touch: hello, says: Hi Maria}   # one behind an item

    # one above the next
    - at: "2026-11-24T13:10"
      touch: call               # one inside
      owner: jo
    # one at the end
# one below
- {test: another, lead: drew, until: 1m, expect: [ {after: 0m, touch: hello}, {after: 0m, touch: call} ]}   # kept
"""


def test_what_still_holds_stays_as_it_is_comments_and_all() -> None:
    """Only the owner that was wrong changes; a comment from inside the item comes before it."""
    new = after(COMMENTED)
    old = "  " + COMMENTED.replace("\n", "\n  ").removesuffix("  ").replace("\n  \n", "\n\n")

    changed = old.replace("      - at:", "      # one inside\n      - at:", 1).replace(
        '      - at: "2026-11-24T13:10"\n        touch: call               # one inside\n        owner: jo\n',
        '      - {at: "2026-11-24T13:10", touch: call, owner: dana}\n',
    )
    assert new == changed


def test_a_test_goes_on_saying_what_it_said_and_no_more() -> None:
    """What it says of a text in parts stays where it holds, and becomes the whole text where it does not."""
    new = after("""\
    - test: the times are wrong
      lead: maria
      until: 1h
      expect:
        - {after: 3m, touch: hello, says: [Hi Maria]}
        - {at: "2026-11-24T13:15", touch: call}
    """)
    assert "      - {after: 0m, touch: hello, says: [Hi Maria]}\n" in new
    assert '      - {at: "2026-11-24T13:10", touch: call}\n' in new

    new = after("""\
    - test: the words are wrong
      lead: maria
      until: 1h
      expect:
        - {after: 0m, touch: hello, says: Dear Maria}
        - {after: 0m, touch: call}
    """)
    assert f'      - {{after: 0m, touch: hello, text: "{GREETING}"}}\n' in new


def test_only_kinds_that_a_test_names_are_added() -> None:
    new = after("""\
    - test: stages are named
      lead: maria
      until: 1h
      expect:
        - {after: 0m, stage: booked}
    """)
    assert "- {after: 0m, stage: booked}" not in new
    assert '- {at: "2026-11-24T13:10", stage: new, owner: dana}' in new
    assert "sla:" not in new
    assert "alert:" not in new


def test_what_did_not_happen_is_taken_off_the_list_and_its_comment_stays() -> None:
    new = after("""\
    - test: it is silent
      lead: {name: Tom Becker, phone: "+18165550117"}
      events: [{after: 0m, event: opt_out}]
      until: 1h
      expect:
        - {after: 0m, touch: call}
        - {after: 0m, touch: hello}   # because he asked
    """)
    assert new.endswith("    expect: []\n      # because he asked\n")


def test_a_list_in_brackets_over_several_lines_becomes_one_of_lines() -> None:
    new = after("""\
    - test: it has brackets
      lead: maria
      until: 1h
      expect: [{after: 0m, touch: hello},    # the first
               {after: 0m,
                touch: call, owner: jo}]     # the second
    """)
    assert new.endswith("""\
    expect:     # the second
      # the first
      - {after: 0m, touch: hello}
      - {after: 0m, touch: call, owner: dana}
""")


def test_a_test_on_one_line_stays_on_one_line() -> None:
    new = after('- {test: "on one, line", lead: drew, until: 1h, expect: [{after: 0m, touch: hello}], inquiry: true}\n')
    assert new.count("\n") == 1
    assert "expect: [{after: 0m, touch: hello}, {at: " in new or "expect: [{at: " in new
    assert new.endswith("}], inquiry: true}\n")


def test_lines_that_end_as_on_windows_go_on_doing_so() -> None:
    shop = Tried("- test: nobody answers\n  lead: maria\n  until: 1h\n  expect: []\n")
    raw = b"\xef\xbb\xbf" + shop.raw.replace(b"\n", b"\r\n")
    new = shop.update(raw).raw

    assert new.startswith(b"\xef\xbb\xbfcadence")
    assert new.count(b"\n") == new.count(b"\r\n") > raw.count(b"\n")


def test_a_page_whose_lines_end_in_two_ways_is_left_alone() -> None:
    shop = Tried("- test: nobody answers\n  lead: maria\n  until: 1h\n  expect: []\n")
    with pytest.raises(Refused, match="its lines end in two ways"):
        shop.update(shop.raw.replace(b"\n", b"\r\n", 1))


def test_a_comment_between_the_brackets_of_a_test_on_one_line_is_not_lost() -> None:
    """Where there is no place for it, the page is left alone."""
    shop = Tried("""\
    - {test: it has a comment, lead: maria, until: 1h, expect: [   # this one
       {after: 0m, touch: hello}]}
    """)
    with pytest.raises(Refused, match="a comment would be lost"):
        shop.update()


@pytest.mark.parametrize(
    "text",
    ["- a dash", "# no comment", "one: two", "ends with a blank ", "a\n\nb", " first", "tab\there", 'quote " and \\',
     "yes", "null", "12", "a # b", "{braces}", "x\n  y\n z", "emoji 🙂", "'", "a\n\n\nb"],
)  # fmt: skip
def test_every_text_reads_back_to_exactly_the_same(text: str) -> None:
    plain = "{% raw %}" + text + "{% endraw %}"
    texts = {
        "hello.sms.j2": "Summit Roofing here. Reply STOP to opt out.",
        "hello.call.j2": plain,
        "hint.sms.j2": "Summit Roofing again. Reply STOP to opt out.",
        "confirm.email.j2": "---\nsubject: Your visit\n---\nhello",
    }
    shop = Tried("- test: nobody answers\n  lead: maria\n  until: 1h\n  expect: []\n", texts=texts)
    page, _ = read_page("page", shop.update().raw)
    (sent,) = [each for each in shop.results()[0].played.happened if each.name == "call"]

    assert page is not None
    (written,) = [each["text"] for each in page.data["tests"][0]["expect"] if each["touch"] == "call"]
    assert written == sent.details["text"]
