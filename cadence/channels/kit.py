"""What a way out is made from: the workspace's word on it, and the secrets of the machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.errors import CadenceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from cadence.playbook.model import ChannelSettings, Workspace

__all__ = ["CADENCE_SECRET", "SHORTEST_SECRET", "Kit", "Secret"]


@dataclass(frozen=True, slots=True)
class Secret:
    """A setting of the machine that a way out needs: from the environment or ``.env``, never from a page."""

    name: str  #: of the environment variable
    what: str  #: what it is and where one gets it, in a line
    needed: bool = True  #: nothing goes without it


SHORTEST_SECRET = 32  #: characters of CADENCE_SECRET
CADENCE_SECRET = Secret(
    "CADENCE_SECRET",
    "32 characters or more that nobody can guess, such as `openssl rand -hex 32` prints; by it answers find their lead",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """One workspace's settings for one way out."""

    account: str
    root: Path  #: the workspace folder
    channel: str  #: which channel of the language it serves
    settings: ChannelSettings
    workspace: Workspace
    setting: Callable[[str], str]  #: reads a setting of the machine; empty: there is none
    redirect: Mapping[str, str]  #: channel -> the one address everything goes to; empty: to the people themselves

    def secret(self, secret: Secret) -> str:
        """Return a secret; CadenceError, naming it, when it is needed and not there."""
        value = self.setting(secret.name).strip()
        if not value and secret.needed:
            raise CadenceError(
                f"{secret.name} is not set; nothing can go by {self.channel}",
                help=f"put it into .env or the environment: {secret.what}",
            )
        return value
