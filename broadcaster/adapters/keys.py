"""Ed25519 keys in files that their owner alone may read. Private bytes stay inside: nothing prints or returns them."""

import os
import secrets
import stat
import sys
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from broadcaster.adapters.files import sync_folder
from broadcaster.domain.enrolment import CODE_LENGTH, code_from
from broadcaster.domain.envelope import key_name
from broadcaster.errors import ConfigError, LinkError


class Key:
    """A key pair that signs."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.name = key_name(self.public)

    def __repr__(self) -> str:
        return f"Key({self.name})"

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self._private.sign(message)


def fresh_key() -> Key:
    """A key pair that is on no disk."""
    return Key(Ed25519PrivateKey.generate())


def make_key(path: Path) -> Key:
    """A new key pair in a file of its own, which must not be there yet.

    Raises:
        ConfigError: `key.exists`, `file.disk`.
    """
    private = Ed25519PrivateKey.generate()
    text = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except FileExistsError as error:
        raise ConfigError("key.exists", file=str(path)) from error
    except OSError as error:
        raise ConfigError("file.disk", file=str(path), detail=error.strerror or str(error)) from error
    with os.fdopen(handle, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
    return Key(private)


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
        private = serialization.load_pem_private_key(text, password=None)
    except (ValueError, TypeError) as error:
        raise LinkError("key.broken", file=str(path)) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise LinkError("key.broken", file=str(path))
    return Key(private)


@lru_cache(maxsize=20_000)
def _public(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature is that key's over that message."""
    try:
        _public(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def new_code() -> str:
    """A code for one node."""
    return code_from(secrets.token_bytes(CODE_LENGTH))
