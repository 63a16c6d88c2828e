"""Who a node is, in its folder: `node.json`, and its key in `node.key`."""

import json
from dataclasses import fields
from pathlib import Path

from broadcaster.adapters.files import write_text
from broadcaster.domain.enrolment import Identity
from broadcaster.errors import LinkError
from broadcaster.units import canonical

FILE, KEY = "node.json", "node.key"


def load_identity(folder: Path) -> Identity:
    """Who the node of a folder is.

    Raises:
        LinkError: `link.not_joined`.
    """
    try:
        data = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if set(data) != {field.name for field in fields(Identity)}:
            raise LinkError("link.not_joined", folder=str(folder))
        identity = Identity(**data)
        identity.keys  # noqa: B018 - keys that are none are found here
    except (OSError, ValueError, TypeError) as error:
        raise LinkError("link.not_joined", folder=str(folder)) from error
    return identity


def keep_identity(folder: Path, identity: Identity) -> None:
    """Keep who the node is."""
    write_text(folder / FILE, canonical(identity) + "\n")
