"""Templates: the text that is made for a lead."""

import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from cadence.errors import RenderError
from cadence.playbook.context import business_view, events_view, lead_view
from cadence.playbook.model import Business
from cadence.playbook.samples import bare_sample, full_sample
from cadence.playbook.shapes import EventVocabulary, context_shape
from cadence.playbook.templates import Rendered, Template, parse_template, render

ZONE = timezone(timedelta(hours=-6))
NOW = datetime(2026, 11, 24, 16, 40, tzinfo=ZONE)  # a Tuesday
SHAPE = context_shape(["roof_age"], {"permit.approved": ("the permit came", ("inspect_on",))}, ["offer", "first-call"])
VOCABULARY = EventVocabulary()
FULL = full_sample(SHAPE)
MARIA = {
    **FULL,
    "lead": lead_view({"name": "Maria Lopez", "phone": "+18165550142", "service": "roof repair"}),
    "events": events_view({"estimate.sent": {"at": NOW, "amount": 8400}}, VOCABULARY),
    "now": NOW,
    "next_opening": datetime(2026, 11, 25, 7, 30, tzinfo=ZONE),
    "offers": [datetime(2026, 11, 25, 9, tzinfo=ZONE), datetime(2026, 11, 27, 14, tzinfo=ZONE)],
}
NOBODY = bare_sample("sms", SHAPE)


def sms(text, context=MARIA):
    return render(parse_template("new/instant.sms.j2", "sms", text), context).body


class TestOwnWords:
    """What the shop says of itself is written into a text when it is made ready; nobody can tell by what it says."""

    SHOP = Business(name="Ortiz *&* Sons", phone="+18165550100", timezone="America/Chicago", postal_address="1 Main St")

    def made(self, body, business, channel="email"):
        head = "---\nsubject: Hi\n---\n" if channel == "email" else ""
        template = replace(parse_template(f"a.{channel}.j2", channel, f"{head}{body}"), business=business)
        return render(template, {**MARIA, "business": business_view(self.SHOP)}).body

    @pytest.mark.parametrize("channel", ["sms", "email"])
    @pytest.mark.parametrize(
        "body",
        [
            "{{ business.name }}, {{ business.postal_address }}: call {{ business.phone }}, {{ lead.first_name }}!",
            "{{ business.name | upper }} {{ business.name.split()[0] }} {{ 'Call ' ~ business.phone }}",
            "Hi{% if business.website %}, see {{ business.website }}{% endif %}. {{ business.website or 'Ask us' }}",
            "{% set business = lead %}{{ business.name }}",
            "{% for business in ['a', 'b'] %}{{ business }}{% endfor %}",
        ],
    )
    def test_a_text_reads_the_same_as_if_they_were_asked_for(self, body, channel):
        assert self.made(body, self.SHOP, channel) == self.made(body, None, channel)

    @pytest.mark.parametrize("business", [SHOP, None])
    def test_what_is_not_known_of_the_shop_is_an_error_on_its_line(self, business):
        with pytest.raises(RenderError, match=r"line 5: 'business.website' is not known"):
            self.made("{{ business.name }}\n{{ business.website }}", business)


class TestRendering:
    def test_a_text_is_made_from_what_is_known_of_the_lead(self):
        text = (
            "Hi {{ lead.first_name or 'there' }}, your {{ lead.service }} is {{ events.estimate.sent.amount | money }}."
        )
        assert sms(text) == "Hi Maria, your roof repair is $8,400."

    def test_a_word_stands_in_for_what_is_not_known(self):
        assert sms("Hi {{ lead.first_name or 'there' }}!", NOBODY) == "Hi there!"
        assert sms("Hi {{ lead.first_name | default('there') }}!", NOBODY) == "Hi there!"
        assert sms("Hi{% if lead.first_name %} {{ lead.first_name }}{% endif %}!", NOBODY) == "Hi!"

    def test_times_are_said_as_the_lead_would_say_them(self):
        assert sms("We call {{ next_opening | when }}.") == "We call tomorrow at 7:30 AM."
        offers = "{% for time in offers %}{{ time | when }}{% if not loop.last %} or {% endif %}{% endfor %}?"
        assert sms(offers) == "tomorrow at 9 AM or Friday at 2 PM?"

    def test_amounts_may_be_reckoned_with(self):
        assert sms("Half of it is {{ (events.estimate.sent.amount * 0.5) | money }}.") == "Half of it is $4,200."

    def test_the_ends_of_an_sms_are_taken_off_and_its_inside_is_kept(self):
        assert sms("\n  Hi  there,\n\nsee you.  \n\n") == "Hi  there,\n\nsee you."

    def test_a_tag_on_a_line_of_its_own_leaves_no_empty_line(self):
        assert sms("Hi\n{% if lead.name %}\nMaria\n{% endif %}\nbye\n") == "Hi\nMaria\nbye"

    def test_an_email_has_its_subject_from_the_front_matter(self):
        template = parse_template(
            "a.email.j2",
            "email",
            "---\nsubject: Your {{ lead.service }}: the estimate\n---\n\n# Hi\n\n{{ owner.first_name }}\n",
        )
        assert template.body_line == 4
        assert template.subject_line == 2
        assert render(template, MARIA) == Rendered("Your roof repair: the estimate", "# Hi\n\nAlexandra")

    def test_a_subject_stays_on_one_line_whatever_a_lead_is_called(self):
        template = parse_template("a.email.j2", "email", "---\nsubject: 'Hi {{ lead.name }}'\n---\nHello")
        context = {**MARIA, "lead": lead_view({"name": "Eve\r\nBcc: all@example.com"})}
        assert render(template, context).subject == "Hi Eve Bcc: all@example.com"

    def test_a_file_from_windows_reads_the_same(self):
        text = "\ufeff---\r\nsubject: Hi\r\n---\r\nHello\r\n"
        assert parse_template("a.email.j2", "email", text) == Template("a.email.j2", "email", "Hi", "Hello\n", 4, 2)

    def test_what_a_lead_says_is_never_read_as_a_template(self):
        context = {**MARIA, "lead": lead_view({"name": "{{ owner.email }} <b>"})}
        assert sms("Hi {{ lead.name }}", context) == "Hi {{ owner.email }} <b>"

    @pytest.mark.parametrize(
        ("name", "written"),
        [
            ("Maria Lopez", "Maria Lopez"),
            ("O'Brien & Sons (2.)", "O'Brien & Sons (2.)"),
            ("john_doe+x@example.com", "john_doe+x@example.com"),
            ("+18165550100", "+18165550100"),
            ("#1 Plumbing", "#1 Plumbing"),
            ("[x](http://evil.example)", "\\[x\\](http://evil.example)"),
            ("<script>", "\\<script>"),
            ("**bold** _em_ `code` \\", "\\*\\*bold\\*\\* \\_em\\_ \\`code\\` \\\\"),
            ("AT&T &lt; &copy", "AT&T \\&lt; &copy"),
            ("a\r\n\r\n# b", "a # b"),
            ("# b", "\\# b"),
            ("> b", "\\> b"),
            ("- b", "\\- b"),
            ("1. b", "1\\. b"),
            ("    code", " code"),
        ],
    )
    def test_in_an_email_what_a_lead_says_is_words_and_no_markup(self, name, written):
        template = parse_template("a.email.j2", "email", "---\nsubject: For {{ lead.name }}\n---\nHi {{ lead.name }}\n")
        made = render(template, {**MARIA, "lead": lead_view({"name": name})})
        assert made.body == f"Hi {written}"
        assert made.subject == "For " + " ".join(name.split())

    def test_in_an_email_of_html_too(self):
        template = parse_template("a.email.j2", "email", '---\nsubject: Hi\n---\n<p title="{{ lead.name }}">*Hi*</p>')
        made = render(template, {**MARIA, "lead": lead_view({"name": '"><script>*x*'})})
        assert made.body == '<p title="&quot;&gt;&lt;script&gt;*x*">*Hi*</p>'

    @pytest.mark.parametrize("body", ["{% if lead.name %}<b>Hi</b>{% endif %}", "{{ '' }}<b>Hi</b>"])
    def test_only_an_email_whose_file_begins_with_html_comes_out_as_html(self, body):
        """Its values were written for Markdown: read as HTML, they could be tags."""
        template = parse_template("a.email.j2", "email", f"---\nsubject: Hi\n---\n{body} {{{{ lead.name }}}}")
        assert render(template, {**MARIA, "lead": lead_view({"name": "<i>"})}).body == "\\<b>Hi</b> \\<i>"

    def test_values_of_other_texts_stay_as_they_are(self):
        assert sms("Hi {{ lead.name }}", {**MARIA, "lead": lead_view({"name": "*<x>* & _y_"})}) == "Hi *<x>* & _y_"

    def test_an_email_may_invite_to_an_appointment(self):
        text = "---\nsubject: Hi\ninvite: appointment.booked\n---\nHello"
        assert parse_template("a.email.j2", "email", text).invite == "appointment.booked"
        assert parse_template("a.email.j2", "email", "---\nsubject: Hi\n---\nHello").invite == ""

    @pytest.mark.parametrize(
        "expression",
        [
            "lead.city",
            "lead.city | title",
            "lead.city.upper()",
            "'in ' ~ lead.city",
            "'in ' + lead.city",
            "lead.city[0]",
            "[lead.service, lead.city] | join(', ')",
            "lead.city | truncate(5)",
            "lead.city | default(lead.city)",
        ],
    )
    def test_a_hole_is_never_sent_but_named_with_its_line(self, expression):
        with pytest.raises(RenderError) as error:
            sms("Hi\nthere\n{{ " + expression + " }}")
        assert str(error.value) == "new/instant.sms.j2, line 3: 'lead.city' is not known"
        assert (error.value.template, error.value.line) == ("new/instant.sms.j2", 3)
        assert error.value.help == "write {{ lead.city or 'something else' }}"

    def test_a_hole_in_an_event_that_has_not_happened_is_named_in_full(self):
        with pytest.raises(RenderError, match=r"'events\.work\.approved\.amount' is not known"):
            sms("{{ events.work.approved.amount | money }}")

    def test_the_line_is_counted_from_the_top_of_the_file(self):
        template = parse_template("a.email.j2", "email", "---\nsubject: Hi\n---\nHello\n{{ lead.city }}")
        with pytest.raises(RenderError) as error:
            render(template, MARIA)
        assert error.value.line == 5
        template = parse_template("a.email.j2", "email", "---\n# note\nsubject: Hi {{ lead.city }}\n---\nHello")
        with pytest.raises(RenderError) as error:
            render(template, MARIA)
        assert error.value.line == 3

    def test_front_matter_that_never_ends_is_an_error(self):
        with pytest.raises(RenderError, match="the front matter is not closed"):
            parse_template("a.email.j2", "email", "---\nsubject: Hi\nHello")

    def test_an_error_never_repeats_what_is_known_of_the_lead(self):
        with pytest.raises(RenderError) as error:
            sms("{{ lead.phone - 1 }}")
        assert "0142" not in str(error.value)

    @pytest.mark.parametrize(
        "text",
        [
            "{{ ''.__class__.__mro__[1].__subclasses__() }}",
            "{{ ''['__class__'] }}",
            "{{ lead.__class__ }}",
            "{{ lead.items() }}",
            "{{ lead.pop('name') }}",
            "{{ '{0.__class__}'.format(lead) }}",
            "{{ cycler.__init__.__globals__.os }}",
            "{{ self.__init__ }}",
            "{{ lipsum() }}",
            "{{ now.__reduce__() }}",
            "{% for o in offers %}{{ loop.__init__ }}{% endfor %}",
            "{{ [].append(1) }}",
            "{% include 'new/other.sms.j2' %}",
            "{% import 'x' as y %}",
            "{% extends 'x' %}",
            "{% macro a() %}{{ a() }}{{ a() }}{% endmacro %}{{ a() }}",
            "{% for x in range(10000000000) %}a{% endfor %}",
            "{% for x in range(100) %}{% for y in range(100) %}" + "x" * 1000 + "{% endfor %}{% endfor %}",
            "{% for a in offers %}{% for b in offers %}{% for c in offers %}x{% endfor %}{% endfor %}{% endfor %}",
            "{% for o in offers %}x{% endfor %}" * 21,
            "{% for word in ('" + "a " * 101 + "').split() %}x{% endfor %}",
            "{{ " + "(1 ~ " * 79 + "1" + ")" * 79 + " }}",
            "{{ 'x' * 10000000000 }}",
            "{{ [1] * 10000000000 }}",
            "{{ '%9999999999d' % 1 }}",
            "{{ 10 ** 10 ** 10 }}",
            "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a ~ a %}" * 40 + "{{ a }}",
            "{{ 'x' | center(10000000000) }}",
            "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
            "{% if lead.name %}" * 300 + "x" + "{% endif %}" * 300,
            "{{ 1" + " + 1" * 5000 + " }}",
            "{{ " + "9" * 5000 + " }}",
            "x" * 1_000_000,
            "{{ 1 / 0 }}",
            "{{ ownr.name }}",
            "{{ lead.name",
            "{% if lead.name %}",
        ],
    )
    def test_an_escape_or_a_bomb_is_a_plain_error_at_once(self, text):
        began = time.perf_counter()
        with pytest.raises(RenderError):
            sms(text)
        assert time.perf_counter() - began < 2

    def test_the_context_stays_as_it_was(self):
        before = dict(MARIA)
        sms("{% set lead = 'x' %}{% set other = 1 %}{{ lead }}{{ other }}")
        assert before == MARIA
