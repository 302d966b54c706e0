"""A value that is not known: what may be asked of it, and that it is never written."""

import copy
from datetime import datetime, timedelta, timezone

import pytest

from cadence.errors import RenderError
from cadence.playbook.blank import Blank, BlankError

AT = datetime(2026, 11, 24, 16, 40, tzinfo=timezone(timedelta(hours=-6)))


class TestWhatIsNotKnown:
    blank = Blank("lead.zip")

    def test_it_is_false_and_empty(self):
        assert not self.blank
        assert len(self.blank) == 0
        assert list(self.blank) == []

    def test_it_compares_like_the_empty_text(self):
        assert self.blank == ""
        assert self.blank != "64110"
        assert self.blank == Blank("lead.city")
        assert self.blank not in ["64110", "64111"]
        assert self.blank in ["", "64110"]
        assert "641" not in self.blank
        assert not self.blank.startswith("641")
        assert hash(self.blank) == hash("")
        assert self.blank < "64110"
        assert self.blank <= ""
        assert not self.blank > "64110"
        assert self.blank >= ""

    def test_it_is_neither_more_nor_less_than_a_number_or_a_moment(self):
        for other in (0, 5, -5, 2.5, AT):
            assert not self.blank > other
            assert not self.blank < other
            assert not self.blank >= other
            assert not self.blank <= other
            assert not other > self.blank
            assert not other < self.blank

    def test_writing_it_names_it(self):
        for write in (
            lambda: str(self.blank),
            lambda: f"{self.blank}",
            lambda: "%s" % (self.blank,),  # noqa: UP031
            lambda: "{}".format(self.blank),  # noqa: UP032
            lambda: "ZIP " + self.blank,
            lambda: self.blank + "!",
        ):
            with pytest.raises(BlankError, match=r"'lead\.zip' is not known") as error:
                write()
            assert error.value.path == "lead.zip"
            assert error.value.help == "write {{ lead.zip or 'something else' }}"

    def test_reckoning_with_it_names_it(self):
        for reckon in (
            lambda: self.blank + 1,
            lambda: 1 - self.blank,
            lambda: self.blank * 2,
            lambda: 2 / self.blank,
            lambda: -self.blank,
            lambda: round(self.blank),
            lambda: AT - self.blank,
        ):
            with pytest.raises(RenderError, match=r"lead\.zip"):
                reckon()

    def test_what_a_text_method_makes_of_it_is_not_known_either(self):
        assert self.blank.upper() is self.blank
        assert self.blank.replace("a", "b") is self.blank
        assert self.blank[0] is self.blank
        assert self.blank[:3] is self.blank
        assert self.blank.split() == []

    def test_what_may_be_named_below_it_is_not_known_either(self):
        event = Blank("events.estimate.sent", {"amount": Blank("events.estimate.sent.amount")})
        assert event.amount == ""
        assert event.amount.path == "events.estimate.sent.amount"
        assert event["amount"] is event.amount
        with pytest.raises(AttributeError):
            event.colour  # noqa: B018

    def test_it_can_be_copied_and_shown_to_a_programmer(self):
        assert copy.deepcopy(self.blank).path == "lead.zip"
        assert repr(self.blank) == "Blank('lead.zip')"
