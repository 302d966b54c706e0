"""A booked visit as a calendar file that goes along with the mail about it.

It is published (METHOD:PUBLISH), not requested: the visit is agreed already, and the answer that a calendar would send
to a request would come in as a reply of the person, and stop what follows. The same UID with a higher SEQUENCE moves
the entry that the calendar has.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cadence.channels.mail.calendars import new_calendar

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FILE_NAME", "invitation"]

FILE_NAME = "appointment.ics"
_RULES_AROUND = timedelta(days=366)  #: of the zone's rules, so much is written down on either side


def invitation(invite: Mapping[str, Any], *, business: str, organizer: str, zone: str, now: datetime) -> bytes:
    """Write the file for ``Outgoing.data["invite"]``: see :func:`cadence.engine.invites.invite_of`.

    Times are written on the clock of ``zone``, with its rules beside them; ``organizer`` is the shop's address. The
    same data gives the same bytes. KeyError, TypeError or ValueError when the data is damaged.
    """
    from icalendar import Event, vCalAddress, vText

    clock = ZoneInfo(zone)
    entry = Event()
    entry.add("uid", str(invite["uid"]))
    entry.add("sequence", int(invite["sequence"]))
    entry.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    entry.add("dtstart", _instant(invite["starts_at"]).astimezone(clock))
    entry.add("dtend", _instant(invite["ends_at"]).astimezone(clock))
    entry.add("summary", str(invite["title"]))
    if invite.get("location"):
        entry.add("location", str(invite["location"]))
    entry.add("status", "CONFIRMED")
    entry.add("transp", "OPAQUE")
    host = vCalAddress(f"mailto:{organizer}")
    host.params["cn"] = vText(business.replace('"', "'"))
    entry.add("organizer", host)
    calendar = new_calendar("appointment")
    calendar.add_component(entry)
    day = _instant(invite["starts_at"]).date()
    calendar.add_missing_timezones(first_date=day - _RULES_AROUND, last_date=day + _RULES_AROUND)
    return bytes(calendar.to_ical())


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("a time without its zone")
    return instant
