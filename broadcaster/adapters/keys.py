"""Ed25519 keys in files that their owner alone may read. Private bytes stay inside: nothing prints or returns them."""

import base64
import binascii
import os
import secrets
import stat
import sys
from pathlib import Path

from nacl.bindings import crypto_sign_open
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey

from broadcaster.adapters.files import sync_folder
from broadcaster.domain.enrolment import CODE_LENGTH, code_from
from broadcaster.domain.envelope import key_name
from broadcaster.errors import ConfigError, LinkError

HEAD = b"broadcaster-ed25519-private "


class Key:
    """A key pair that signs, from its 32 private bytes."""

    def __init__(self, seed: bytes) -> None:
        self._private = SigningKey(seed)
        self.public = bytes(self._private.verify_key)
        self.name = key_name(self.public)

    def __repr__(self) -> str:
        return f"Key({self.name})"

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self._private.sign(message).signature


def fresh_key() -> Key:
    """A key pair that is on no disk."""
    return Key(secrets.token_bytes(32))


def make_key(path: Path) -> Key:
    """A new key pair in a file of its own, which must not be there yet.

    Raises:
        ConfigError: `key.exists`, `file.disk`.
    """
    seed = secrets.token_bytes(32)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except FileExistsError as error:
        raise ConfigError("key.exists", file=str(path)) from error
    except OSError as error:
        raise ConfigError("file.disk", file=str(path), detail=error.strerror or str(error)) from error
    with os.fdopen(handle, "wb") as file:
        file.write(HEAD + base64.b64encode(seed) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
    return Key(seed)


def load_key(path: Path) -> Key:
    """The key pair in a file.

    Raises:
        LinkError: `key.missing`; `key.open` if others than its owner may read it; `key.broken`.
    """
    try:
        mode = path.stat().st_mode
        text = path.read_bytes()
    except OSError as error:
        raise LinkError("key.missing", file=str(path)) from error
    if sys.platform != "win32" and stat.S_IMODE(mode) & 0o077:
        raise LinkError("key.open", file=str(path))
    try:
        seed = base64.b64decode(text.removeprefix(HEAD).strip(), validate=True) if text.startswith(HEAD) else b""
    except binascii.Error as error:
        raise LinkError("key.broken", file=str(path)) from error
    if len(seed) != 32:
        raise LinkError("key.broken", file=str(path))
    return Key(seed)


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature is that key's over that message."""
    try:
        crypto_sign_open(signature + message, public)
    except (CryptoError, ValueError):
        return False
    return True


def new_code() -> str:
    """A code for one node."""
    return code_from(secrets.token_bytes(CODE_LENGTH))
