"""The schema's revisions and the way to the newest; which revision a database has is Alembic's record.

The list stands here so that opening a database need not load Alembic; a test holds it to the migrations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["HEAD", "REVISIONS", "VERSION_TABLE", "upgrade"]

REVISIONS = ("0001", "0002", "0003", "0004", "0005")  #: oldest first
HEAD = REVISIONS[-1]
VERSION_TABLE = "cadence_version"


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations that ``connection``'s database lacks up to ``revision``, in the transaction it is in."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "cadence.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
