"""Passwords as Argon2id hashes, and tokens that cannot be guessed."""

import secrets
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pwdlib import PasswordHash

_TOKEN_BYTES = 32


class Argon2Passwords:
    """The library's own parameters: Argon2id, 64 MiB, three passes."""

    @cached_property
    def _hasher(self) -> "PasswordHash":
        from pwdlib import PasswordHash

        return PasswordHash.recommended()

    def hash(self, text: str) -> str:
        """See the port."""
        return self._hasher.hash(text)

    def matches(self, text: str, secret: str) -> bool:
        """See the port."""
        from pwdlib.exceptions import UnknownHashError

        try:
            return bool(self._hasher.verify(text, secret))
        except UnknownHashError:
            return False

    def token(self) -> str:
        """See the port."""
        return secrets.token_urlsafe(_TOKEN_BYTES)
