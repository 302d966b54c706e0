"""Rehearsals: real ticks on a database that nobody will miss."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Shop


def test_a_rehearsal_prints_the_texts_and_leaves_the_workspace_as_it_was(make_shop: Callable[..., Shop]) -> None:
    """With --keep the database stays, where it was asked for, and never in place of another file."""
    shop = make_shop("roofer")
    before = sorted(path for path in shop.folder.rglob("*"))
    kept = shop.folder.parent / "kept.db"
    told = shop.run("rehearse", "--days", "2", "--keep", str(kept))
    again = shop.run("rehearse", "--days", "2", "--keep", str(kept), expect=2)
    nowhere = shop.run("rehearse", "--days", "1", "--keep", "/proc/none/kept.db", expect=1)

    assert "Hi Maria, this is Dana" in told.out
    assert told.out.rstrip().endswith("Nothing left this machine.")
    assert told.err == f"the database is in {kept}\n"
    assert sorted(path for path in shop.folder.rglob("*")) == before
    with sqlite3.connect(kept) as database:
        texts = [
            body for (body,) in database.execute("SELECT body FROM outbox WHERE channel = 'sms' AND state = 'sent'")
        ]
    assert texts
    assert all(body in told.out for body in texts)
    assert "is there already" in again.err
    assert "there is no folder" in nowhere.err


def test_a_rehearsal_without_samples_says_where_to_write_them(make_shop: Callable[..., Shop]) -> None:
    """A page of one's own has none at first."""
    shop = make_shop("roofer")
    (shop.folder / "playbooks" / "roofer.samples.yaml").unlink()
    answer = shop.run("rehearse", expect=1)

    assert "playbooks/roofer.samples.yaml" in answer.err
    assert answer.out == ""
