"""What a person wrote themselves, and what their program put around it."""

from __future__ import annotations

import pytest

from cadence.inbox.stripping import LONGEST, read_tapback, strip

QUOTES = [
    "On Mon, Nov 23, 2026 at 9:02 AM Summit <hello@example.com> wrote:\n> Reply STOP",
    "On Mon, Nov 23, 2026 at 9:02 AM Summit\n<hello@example.com>\nwrote:\n\nReply STOP",
    "El lun, 23 nov 2026 a las 9:02, Summit (<hello@example.com>) escribió:\n> Responda ALTO",
    "El 23 nov 2026, a las 9:02, Summit <hello@example.com> escribió:\n\nResponda ALTO",
    "-----Original Message-----\nFrom: Summit\nSent: Monday\n\nReply STOP",
    "-----Mensaje original-----\nDe: Summit\n\nResponda ALTO",
    "-------- Original message --------\nFrom: Summit\nDate: 11/23/26\n\nReply STOP",
    "---------- Forwarded message ---------\nFrom: Summit\n\nReply STOP",
    "Begin forwarded message:\n\nFrom: Summit\n\nReply STOP",
    "________________________________\nFrom: Summit <hello@example.com>\nSent: Monday\nReply STOP",
    "From: Summit <hello@example.com>\nSent: Monday, November 23, 2026 9:02 AM\nTo: Maria\nSubject: x\n\nReply STOP",
    "*From:* Summit <hello@example.com>\n*Sent:* Monday\n*To:* Maria\n\nReply STOP",
    "De: Summit <hello@example.com>\nEnviado: lunes\nPara: María\nAsunto: x\n\nResponda ALTO",
    "Am 23.11.2026 um 09:02 schrieb Summit:\n> Reply STOP",
    "Le lun. 23 nov. 2026 à 09:02, Summit <hello@example.com> a écrit :\n\nReply STOP",
    "Il giorno lun 23 nov 2026 alle ore 09:02 Summit ha scritto:\n\nReply STOP",
    "Von: Summit <hello@example.com>\nGesendet: Montag, 23. November 2026 09:02\nAn: Maria\nBetreff: x\n\nReply STOP",
    "> Reply STOP",
]


@pytest.mark.parametrize("quote", QUOTES, ids=range(len(QUOTES)))
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_quote_is_taken_away_whichever_program_wrote_its_head(quote: str, ends: str) -> None:
    stripped = strip(f"Yes, call me.\n\n{quote}\n".replace("\n", ends), "email")

    assert stripped.text == "Yes, call me."
    assert {each.what for each in stripped.removed} == {"quote"}


def test_an_answer_below_or_between_quoted_lines_is_kept() -> None:
    below = "On Mon, Summit <hello@example.com> wrote:\n> Do you want it?\n> Reply STOP\n\nYes we do"
    between = "> Do you want it?\nYes\n> When?\nOn Monday"

    assert strip(below, "email").text == "Yes we do"
    assert strip(between, "email").text == "Yes\nOn Monday"


@pytest.mark.parametrize(
    "tail",
    [
        "-- \nTom Becker\nReply STOP",
        "Sent from my iPhone",
        "Enviado desde mi iPhone",
        "Get Outlook for Android",
        "Best regards,\nTom Becker\n913-555-0117\nTo unsubscribe write STOP",
        "Thanks,\nTom",
        "Saludos,\nRosa",
        "CONFIDENTIALITY NOTICE: stop reading if this is not for you.\nDelete it.",
        "This message and any attachments are confidential.",
        "Please consider the environment before printing.",
        "Este mensaje es confidencial.",
    ],
)
def test_signatures_and_legal_text_are_taken_away(tail: str) -> None:
    assert strip(f"Yes, call me.\n\n{tail}\n", "email").text == "Yes, call me."


@pytest.mark.parametrize(
    "text",
    [
        "Thanks,\nplease stop emailing me",
        "Thanks,\nSTOP",
        "Thanks,\nPlease Remove Me",
        "Gracias,\nBaja por favor",
        "- remove me from the list\n- do not call",
        "From: the garage to the porch it leaks",
        "On Monday I wrote you that it leaks",
        "Warning lights are on",
    ],
)
def test_what_a_person_wrote_is_never_taken_for_a_signature(text: str) -> None:
    assert strip(f"Hello\n{text}", "email").text == f"Hello\n{text}"


def test_a_postscript_below_the_signature_is_kept() -> None:
    assert strip("Fine.\n\nRegards,\nTom\n\nP.S. bring the long ladder", "email").text.endswith("bring the long ladder")


@pytest.mark.parametrize(
    ("text", "likes"),
    [
        ("Liked “Reply STOP to opt out”", True),
        ('Loved "Reply STOP"', True),
        ("Liked an image", True),
        ("Emphasized “Reply STOP”", False),
        ("Questioned “Reply STOP”", False),
        ("Disliked “Reply STOP”", False),
        ("Laughed at “Reply STOP”", False),
        ("Removed a like from “Reply STOP”", False),
        ("Reacted 👍 to “Reply STOP”", True),
        ("Reacted 😡 to “Reply STOP”", False),
        ("\u200a\u200b❤️\u200b to “\u200aReply STOP\u200a”\u200a", True),
        ("👎 to “Reply STOP”", False),
        ("Me gusta “Responda ALTO”", True),
        ("A María le gusta “Responda ALTO”", True),
        ("A Ana López le encantó “Responda ALTO”", True),
        ("No me gusta “Responda ALTO”", False),
    ],
)
def test_a_reaction_is_known_and_its_quote_does_not_count(text: str, likes: bool) -> None:
    tapback = read_tapback(text)

    assert tapback is not None
    assert tapback.likes is likes
    assert strip(text, "sms").text == ""


@pytest.mark.parametrize(
    "text",
    [
        "Liked the estimate",
        "liked it, stop by at 3",
        "Loved working with you",
        "Questioned by my wife: what about the gutters?",
        'I liked "the blue one"',
        "to “the office”",
    ],
)
def test_a_sentence_is_no_reaction(text: str) -> None:
    assert read_tapback(text) is None
    assert strip(text, "sms").text == text


def test_a_mail_that_is_far_too_long_is_read_as_far_as_it_goes() -> None:
    assert len(strip("word " * 100_000, "email").text) <= LONGEST
