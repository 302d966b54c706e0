"""Who is who while a list is read: the people on record and those of the rows so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["IDENTITY", "Lookup", "People"]

IDENTITY = ("id", "external_id", "phone", "email")  #: any of these tells who a row is about
_REPEATED = frozenset(
    {"first_name", "last_name", "city", "state", "zip", "timezone", "trade", "service", "source", "urgency"}
)


class Lookup(Protocol):
    """The people on record."""

    def find(
        self,
        *,
        id: str = "",  # noqa: A002 - the name of the field
        external_id: str = "",
        phone: str = "",
        email: str = "",
    ) -> Mapping[str, Any] | None:
        """The attributes (``id`` among them) of the one lead that has this value; None when nobody has it.

        Exactly one argument is given. E-mail addresses are compared without regard to capitals.
        """


class People:
    """The people on record, as the rows read so far leave them.

    A value that a row gave beside a match leads to the same person from then on, even where the record keeps
    another. Packed small: a list may have hundreds of thousands of rows.
    """

    def __init__(self, existing: Lookup) -> None:
        self._existing = existing
        self._owners: dict[str, dict[str, str]] = {name: {} for name in IDENTITY}  # identity -> value -> lead id
        self._kept: dict[str, tuple[tuple[str, ...], frozenset[str], tuple[Any, ...]]] = {}
        self._shared: dict[Any, Any] = {}

    def find(self, name: str, value: str) -> str:
        """Id of the lead with this identity; empty when there is none."""
        owners, key = self._owners[name], value.casefold() if name == "email" else value
        if key not in owners:
            found = self._existing.find(**{name: value})
            if found is None:
                return ""
            lead = owners[key] = str(found["id"])
            if lead not in self._kept:
                self._keep(lead, found, ())
        return owners[key]

    def lead(self, lead: str) -> tuple[dict[str, Any], frozenset[str]]:
        """The lead's attributes, and which fields rows of this list have given."""
        fields, said, values = self._kept[lead]
        return dict(zip(fields, values, strict=True)), said

    def record(self, attributes: Mapping[str, Any], given: Mapping[str, Any], said: Collection[str]) -> None:
        """Keep a lead as a row leaves it; ``given`` is what the row said, ``said`` what earlier rows did."""
        lead = str(attributes["id"])
        self._keep(lead, attributes, {*said, *given})
        for name, owners in self._owners.items():
            if name in given:
                owners[str(given[name]).casefold() if name == "email" else str(given[name])] = lead
        self._owners["id"][lead] = lead

    def _keep(self, lead: str, attributes: Mapping[str, Any], said: Collection[str]) -> None:
        fields = tuple(attributes)
        values = tuple(self._one(value) if field in _REPEATED else value for field, value in attributes.items())
        self._kept[lead] = (self._one(fields), self._one(frozenset(said)), values)

    def _one(self, value: Any) -> Any:
        """The first object equal to the value, to hold equal ones once."""
        return self._shared.setdefault(value, value)
