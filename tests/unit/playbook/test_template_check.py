"""What is found wrong with a template before any lead gets it."""

import time

import pytest

from cadence.playbook.samples import Samples, bare_sample, full_sample
from cadence.playbook.shapes import context_shape
from cadence.playbook.template_check import check_template

SHAPE = context_shape(["roof_age"], {"permit.approved": ("the permit came", ("inspect_on",))}, ["offer", "first-call"])


def found(text, channel="sms", known=(), max_segments=2, business=None):
    """The faults of a template as (line, column, text pointed at, code)."""
    samples = Samples(full_sample(SHAPE, business), bare_sample(channel, SHAPE, business, known=known))
    faults = check_template(f"templates/a.{channel}.j2", text, channel, SHAPE, samples, max_segments)
    for fault in faults:
        assert fault.file == f"templates/a.{channel}.j2"
        assert fault.severity == "error"
        assert fault.message
    return faults


def places(text, *args, **kwargs):
    return [
        (fault.line, fault.column, fault.source[fault.column - 1 : fault.column - 1 + fault.length], fault.code)
        for fault in found(text, *args, **kwargs)
    ]


class TestChecking:
    @pytest.mark.parametrize(
        "text",
        [
            "Hi {{ lead.first_name or 'there' }}, it's {{ owner.first_name }} at {{ business.name }}.",
            "We call {{ next_opening | when }}, our line is {{ business.phone | phone }}.",
            "{% if lead.city %}We are in {{ lead.city }} often.{% else %}We are near.{% endif %}",
            "{{ 'Hi ' ~ lead.first_name if lead.first_name else 'Hi there' }}",
            "Does {{ offers[0] | when }} or {{ offers[1] | when }} work?",
            "{% if events.estimate.sent.amount %}{{ events.estimate.sent.amount | money }}{% else %}soon{% endif %}",
            "Reply YES to book. Reply STOP to opt out.",
            "{% set who = lead.first_name or 'there' %}Hi {{ who }}",
            "{% if lead.name %}Hi {{ lead.first_name }}{% else %}Hi{% endif %}",
            "{% if lock.held %}Set: {{ lock.by }}{% else %}Hi{% endif %}",
            "{% if touches['first-call'] %}We called {{ touches['first-call'].at | when }}{% else %}Hi{% endif %}",
            "{# {{ nothing.at.all }} CANCEL to cancel #}Hi",
            "{% raw %}{{ braces }}{% endraw %} Hi",
            "Hello{{ ' in ' ~ lead.city if lead.city }}",
            "{{ 'Good morning' if now.hour < 12 else 'Hello' }}",
            "{{ (offers | first) | when }} or {{ (offers | last) | when }}?",
            "Hi {{ lead.first_name | default(instead='there') }}",
        ],
    )
    def test_a_good_text_has_no_faults(self, text):
        assert found(text) == []

    def test_a_wrong_name_is_shown_with_what_was_meant(self):
        text = "Hi {{ lead.first_name or 'there' }},\nit's {{ ownr.first_name }} about {{ lead.servce }}"
        assert places(text) == [(2, 9, "ownr", "unknown-variable"), (2, 42, "servce", "unknown-variable")]
        assert [fault.help for fault in found(text)] == ["did you mean 'owner'?", "did you mean 'service'?"]

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("Hi {{ now | whn }}", (1, 13, "whn", "unknown-filter")),
            ("Hi {{ lead.name | when }}", (1, 19, "when", "bad-filter")),
            ("Hi\n{% if lead.zip is defind %}x{% endif %}", (2, 19, "defind", "unknown-test")),
            ("Hi {{ shout(lead.zip) }}", (1, 7, "shout", "unknown-function")),
            ("Hi {{ next_opening }}", (1, 7, "next_opening", "unprintable")),
            ("Hi {{ next_opening or 'soon' }}", (1, 7, "next_opening", "unprintable")),
            ("Hi {{ 'at ' ~ next_opening }}", (1, 15, "next_opening", "unprintable")),
            ("Hi {{ offers }}", (1, 7, "offers", "unprintable")),
            ("Hi {{ in_business_hours }}", (1, 7, "in_business_hours", "unprintable")),
            ("Hi {{ events.estimate.sent }}", (1, 7, "events.estimate.sent", "unprintable")),
            ("Hi {{ owner }}", (1, 7, "owner", "unknown-variable")),
            ("Hi {{ touches.first-call.outcome }}", (1, 15, "first", "unknown-variable")),
            ("Hi {{ lead.name.__class__ }}", (1, 17, "__class__", "unknown-variable")),
            ("{% for o in offers %}{{ o.yer }}{% endfor %}", (1, 27, "yer", "unknown-variable")),
            ("Hi {{ lead.name", (1, 4, "{", "bad-syntax")),
            ("Hi\n{% if lead.name %}x", (2, 1, "{", "bad-syntax")),
            ("{% if lead.zip %}{% if lead.name %}x{% endif %}", (1, 1, "{", "bad-syntax")),
            ("Hi {% endif %}", (1, 7, "e", "bad-syntax")),
            ("Hi {{ lead.name ! }}", (1, 17, "!", "bad-syntax")),
            ("Hi {{ lead.name 'x' }}", (1, 17, "'", "bad-syntax")),
            ("Hi\n\n{% include 'x' %}", (3, 4, "include", "bad-syntax")),
            ("Hi {% macro a() %}{% endmacro %}", (1, 7, "macro", "bad-syntax")),
            ("Hi {% autoescape true %}x{% endautoescape %}", (1, 1, "Hi {% auto", "bad-syntax")),
            ("{% for x in range(1000) %}a{% endfor %}", (1, 4, "for x in range(1000)", "cannot-render")),
            ("Hi {{ lead.name.split()[0] }}", (1, 7, "lead.name.split()[0]", "cannot-render")),
            ("Hi {{ lead.value + 'x' }}", (1, 7, "lead.value + 'x'", "cannot-render")),
            ("{% for o in offers %}Hi{% else %}{{ lead.zpi }}{% endfor %}", (1, 42, "zpi", "unknown-variable")),
            ("Hi {{ lead.zip | default(instead=lead.zpi) }}", (1, 39, "zpi", "unknown-variable")),
            ("Hi {lead.first_name}", (1, 4, "{lead.first_name}", "stray-brace")),
            ("Hi { lead.first_name }}", (1, 4, "{ lead.first_name }", "stray-brace")),
            ("Hi lead.first_name }}", (1, 20, "}}", "stray-brace")),
            ("Hi\x07", (1, 3, "\x07", "bad-character")),
        ],
    )
    def test_a_fault_is_shown_exactly_where_it_stands(self, text, place):
        assert places(text)[0] == place

    def test_a_value_that_some_leads_lack_is_shown_with_a_way_to_write_it(self):
        text = "Hi {{ lead.first_name }},\nis {{ lead.city | title }} right?"
        assert places(text) == [(1, 7, "lead.first_name", "may-be-empty"), (2, 7, "lead.city", "may-be-empty")]
        assert "write {{ lead.first_name or 'there' }}" in found(text)[0].help

    @pytest.mark.parametrize(
        "text",
        [
            "{% if lead.name %}Hi, {{ lead.city }}{% else %}Hi{% endif %}",
            "{% if lead.city %}Hi{% else %}Hi {{ lead.city }}{% endif %}",
            "{% if lead.source == 'google' %}Hi, {{ lead.city }}{% else %}Hello{% endif %}",
            "{% if lead.value > 90000 %}Hi, {{ lead.city }}{% else %}Hello{% endif %}",
            "{% if not in_business_hours %}Hi, {{ lead.city }}{% else %}Hello{% endif %}",
            "{% if now.hour < 12 %}Hi, {{ lead.city }}{% else %}Hello{% endif %}",
            "{% if lead.zip %}Hi{% elif lead.state %}Hi, {{ lead.city }}{% else %}Hello{% endif %}",
            "{% for o in offers %}Hi, {{ lead.city }}{% endfor %}",
            "Hi {{ 'you' if lead.zip else lead.city }}",
            "Hi {{ lead.zip or lead.city }}",
            "Hi {{ 'in ' ~ lead.city }}",
            "Hi {{ lead.city + '!' }}",
        ],
    )
    def test_a_hole_is_found_behind_every_branch(self, text):
        assert [(place[2], place[3]) for place in places(text)] == [("lead.city", "may-be-empty")]

    def test_many_branches_are_still_tried_in_a_moment(self):
        fields = ["name", "city", "zip", "state", "email", "address", "urgency", "trade", "notes", "service", "source"]
        text = "Hi" + "".join(f"{{% if lead.{field} %}} {{{{ lead.{field} }}}}{{% endif %}}" for field in fields)
        began = time.perf_counter()
        assert found(text) == []
        assert [place[2] for place in places(text + "{{ lead.timezone }}")] == ["lead.timezone"]
        assert time.perf_counter() - began < 5

    def test_an_event_may_not_have_happened_unless_it_is_known_to_have(self):
        text = "See you {{ events.appointment.booked.starts_at | when }}"
        assert places(text) == [(1, 12, "events.appointment.booked.starts_at", "may-be-empty")]
        assert "{% if events.appointment.booked.starts_at %}" in found(text)[0].help
        assert found(text, known=["events.appointment.booked.starts_at"]) == []

    def test_an_event_that_happened_may_lack_its_amount(self):
        text = "{% if events.estimate.sent %}{{ events.estimate.sent.amount | money }}{% else %}Hi{% endif %}"
        assert places(text) == [(1, 33, "events.estimate.sent.amount", "may-be-empty")]
        assert found("{% if events.estimate.sent %}{{ events.estimate.sent.at | day }}{% else %}Hi{% endif %}") == []

    def test_a_touch_with_a_dash_is_shown_as_it_is_written(self):
        text = "We called {{ touches['first-call'].at | when }}"
        assert places(text) == [(1, 14, "touches['first-call'].at", "may-be-empty")]
        assert "{% if touches['first-call'].at %}" in found(text)[0].help

    def test_a_part_of_the_business_that_the_workspace_leaves_out_may_be_empty(self):
        assert places("Book here: {{ business.booking_link }}")[0][3] == "may-be-empty"

    @pytest.mark.parametrize("text", ["", "  \n ", "{% if lead.city %}Hi{% endif %}", "{# nothing #}"])
    def test_a_text_that_comes_out_empty_is_a_fault(self, text):
        assert [place[3] for place in places(text)] == ["empty-text"]

    def test_an_sms_may_not_need_more_parts_than_allowed(self):
        assert found("x" * 306) == []
        fault = found("x" * 307)[0]
        assert fault.code == "too-many-segments"
        assert "3 SMS segments (307 characters of GSM-7); max_segments is 2" in fault.message
        assert found("x" * 307, max_segments=3) == []
        assert found("x" * 307, channel="call") == []

    def test_parts_are_counted_with_long_names_and_on_every_branch(self):
        assert [fault.code for fault in found("x" * 300 + "{{ lead.name or 'you' }}")] == ["too-many-segments"]
        text = "{% if score == 'nurture' %}" + "x" * 400 + "{% else %}Hi{% endif %}"
        assert [fault.code for fault in found(text)] == ["too-many-segments"]

    def test_the_characters_that_make_a_text_dear_are_named(self):
        text = "Hi!\nIt’s " + "x" * 150 + " – bye"
        fault = found(text)[0]
        assert (fault.line, fault.column) == (2, 3)
        assert "’ (write ')" in fault.help
        assert "– (write -)" in fault.help

    def test_an_email_needs_a_subject_and_knows_no_other_key(self):
        assert places("Hello", "email") == [(1, 1, "H", "no-subject")]
        assert places("---\nsubject:\n---\nHello", "email") == [(2, 1, "s", "no-subject")]
        assert places("---\nsubject: Hi\nsubjct: x\n---\nHello", "email") == [(3, 1, "subjct", "unknown-key")]
        assert places("---\nsubject: Hi\nsubject: x\n---\nHello", "email") == [(3, 1, "subject", "duplicate-key")]
        assert places("---\nsubject: Hi\nwhat is this\n---\nHello", "email") == [(3, 1, "what is this", "unknown-key")]
        assert places("---\nsubject: Hi\nHello", "email") == [(1, 1, "---", "bad-syntax")]
        assert found("---\n# a note\n\nsubject: 'Hi: {{ lead.first_name or 'you' }}'\n---\nHello", "email") == []

    def test_an_email_may_invite_to_what_has_a_beginning(self):
        def invites(event, known=()):
            return places(f"---\nsubject: Hi\ninvite: {event}\n---\nHello", "email", known)

        known = ("events.appointment.booked.starts_at",)
        assert invites("appointment.booked", known) == []
        assert invites("appointment.booked") == [(3, 9, "appointment.booked", "may-be-empty")]
        assert invites("appointment.booked", ("events.appointment.booked",)) == [
            (3, 9, "appointment.booked", "may-be-empty")
        ]
        assert invites("estimate.sent", known) == [(3, 9, "estimate.sent", "unknown-event")]
        assert invites("permit.approved", known) == [(3, 9, "permit.approved", "unknown-event")]
        assert places("---\nsubject: Hi\ninvite:\n---\nHello", "email") == [(3, 1, "i", "unknown-event")]
        (meant,) = found("---\nsubject: Hi\ninvite: apointment.booked\n---\nHello", "email", known)
        assert meant.help == "did you mean 'appointment.booked'?"

    @pytest.mark.parametrize("tag", ["<br>", "<b>", "</p>", '<a href="https://x.example">', "<!--"])
    def test_html_in_an_email_of_markdown_would_be_read_as_it_stands(self, tag):
        assert places(f"---\nsubject: Hi\n---\nHello {tag} you", "email") == [(4, 7, tag, "html-in-markdown")]
        assert places(f"---\nsubject: Hi\n---\n<p>Hello {tag} you</p>", "email") == []

    @pytest.mark.parametrize(
        "words", ["1 < 2 and 3 > 2", "<https://x.example>", "a <-- b", "{% if now < now %}a{% endif %}b"]
    )
    def test_not_every_sign_is_a_tag(self, words):
        assert places(f"---\nsubject: Hi\n---\nHello {words}", "email") == []

    def test_a_fault_of_a_subject_or_body_is_placed_in_the_file(self):
        text = '---\nsubject: "Hi {{ lead.frist }}"\n---\nHello\n{{ lead.zip }}'
        assert places(text, "email") == [(2, 22, "frist", "unknown-variable"), (5, 4, "lead.zip", "may-be-empty")]
        assert places("---\r\nsubject: {{ lead.zip }}\r\n---\r\nHi", "email") == [(2, 13, "lead.zip", "may-be-empty")]

    def test_css_and_prose_braces_of_an_email_are_left_alone(self):
        body = "<style>@media print {p {color: red; width: 100%}}</style><p>Hi</p>"
        assert found(f"---\nsubject: Hi\n---\n{body}", "email") == []

    def test_an_opt_out_word_offered_as_an_answer_is_shown(self):
        text = "Hi!\nReply YES to confirm or CANCEL to cancel."
        assert places(text) == [(2, 25, "CANCEL", "opt-out-word")]
        assert [place[3] for place in places("Reply {{ 'CANCEL' }} to cancel")] == ["opt-out-word"]
        assert found("Offer: reply CANCEL to cancel", channel="call") == []

    @pytest.mark.parametrize(
        "text",
        [
            "{{" * 40_000,
            "{% if lead.zip %}" * 5000,
            "reply " * 16_000,
            "\n" * 100_000,
            "{# " * 30_000,
            "{{ a" + ".a" * 30_000 + " }}",
            "{{ 1" + "+1" * 30_000 + " }}",
            "{{ " + "-" * 30_000 + "1 }}",
            "reply STOP or " * 6000,
            "'" * 90_000,
            "x" * 1_000_000,
            "{% set lead.name = 5 %}x",
            "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a ~ a %}" * 40 + "{{ a }}",
            "{{ '\\ud800' }}",
            "\x00\x1b[31m",
        ],
    )
    def test_a_hostile_file_is_a_fault_and_takes_no_time(self, text):
        began = time.perf_counter()
        assert found(text)
        assert time.perf_counter() - began < 5


def test_a_method_without_its_brackets_never_reaches_a_customer():
    (fault,) = found("Hi {{ lead.id.title }}, it is {{ owner.first_name }}.")

    assert fault.code == "cannot-render"
    assert "not a text" in fault.message
