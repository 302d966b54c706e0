#!/usr/bin/env python3
"""Make ``cadence/data/area_codes.json``: the time zones and states in which each US area code is used.

The ZIP data of the ``zipcodes`` package lists the area codes of each ZIP code and of its neighbourhood, so that
a code reaches a little over its borders: good for quiet hours, which must hold wherever the person may live.
Canadian codes that the data names along the border are left out.

    python tools/make_area_codes.py            write the file
    python tools/make_area_codes.py --check    exit 1 when the file is not what would be written
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path
from zoneinfo import available_timezones

import phonenumbers
import zipcodes

FILE = Path(__file__).resolve().parent.parent / "cadence" / "data" / "area_codes.json"
TERRITORIES = ("US", "PR", "GU", "VI", "AS", "MP")


def main(arguments: list[str]) -> int:
    """Write the file, or compare it; return the exit code."""
    text = area_codes()
    if "--check" in arguments:
        return 0 if FILE.read_text(encoding="utf-8") == text else 1
    FILE.write_text(text, encoding="utf-8")
    return 0


def area_codes() -> str:
    """Make the content of the file."""
    zones: dict[str, Counter[str]] = defaultdict(Counter)
    states: dict[str, Counter[str]] = defaultdict(Counter)
    known = available_timezones()
    for place in zipcodes.list_all():  # type: ignore[no-untyped-call]
        if not place["active"] or place["zip_code_type"] == "MILITARY" or place["timezone"] not in known:
            continue
        for code in place["area_codes"]:
            zones[code][place["timezone"]] += 1
            states[code][place["state"]] += 1
    rows = [
        f"    {json.dumps(code)}: {json.dumps({'zones': _by_count(zones[code]), 'states': _by_count(states[code])})}"
        for code in sorted(zones)
        if _is_ours(code)
    ]
    about = "Zones and states of US area codes, those with most ZIP codes first. Made by tools/make_area_codes.py."
    head = f'{{\n  "about": {json.dumps(about)},\n  "made_from": "zipcodes {zipcodes.__version__}",\n  "codes": {{\n'
    return head + ",\n".join(rows) + "\n  }\n}\n"


def _by_count(counts: Counter[str]) -> list[str]:
    return [name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def _is_ours(code: str) -> bool:
    number = phonenumbers.parse(f"+1{code}5550142")
    return phonenumbers.region_code_for_number(number) in TERRITORIES


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
