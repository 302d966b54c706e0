"""The fields of a multipart form as bytes: a mail's parts have letters of their own, and no reading may change them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["fields_of"]

MOST_PARTS = 1000


def fields_of(body: bytes, content_type: str) -> Mapping[str, bytes]:
    """Return the fields of a form by name, of two with one name the first; files are left out.

    ValueError when it is not such a form, or is cut off.
    """
    from werkzeug.exceptions import RequestEntityTooLarge
    from werkzeug.http import parse_options_header
    from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder

    kind, options = parse_options_header(content_type)
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not boundary:
        raise ValueError("not a multipart form")
    decoder = MultipartDecoder(boundary.encode("latin-1"), max_parts=MOST_PARTS)
    decoder.receive_data(body)
    decoder.receive_data(None)
    found: dict[str, list[bytes]] = {}
    into: list[bytes] | None = None
    try:
        while not isinstance(event := decoder.next_event(), Epilogue):
            if isinstance(event, Field):
                into = None if event.name in found else found.setdefault(event.name, [])
            elif isinstance(event, File):
                into = None
            elif isinstance(event, Data) and into is not None:
                into.append(event.data)
    except RequestEntityTooLarge:
        raise ValueError("the form has too many parts") from None
    return {name: b"".join(parts) for name, parts in found.items()}
