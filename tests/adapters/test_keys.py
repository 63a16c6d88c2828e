"""Keys: files for their owner alone, private bytes that are never shown, signatures that another library accepts."""

import os
import stat
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broadcaster.adapters.keys import Key, fresh_key, is_signed, load_key, make_key, new_code
from broadcaster.errors import ConfigError, LinkError


def test_a_key_is_read_back_and_another_library_accepts_what_it_signs(tmp_path: Path) -> None:
    made = make_key(tmp_path / "khoa" / "k.key")
    again = load_key(tmp_path / "khoa" / "k.key")
    assert (again.name, again.public) == (made.name, made.public)
    Ed25519PublicKey.from_public_bytes(made.public).verify(again.sign(b"x"), b"x")
    assert is_signed(made.public, b"x", again.sign(b"x"))


def test_what_rfc_8032_says() -> None:
    """Test 2 of section 7.1."""
    key = Key(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    assert key.public.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert key.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


@pytest.mark.parametrize("public", [b"", bytes(31), bytes(32), b"\xff" * 32])
@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(64), b"\xff" * 64])
def test_what_is_no_signature_is_none(public: bytes, signature: bytes) -> None:
    assert not is_signed(public, b"x", signature)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_key_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "k.key"
    old = os.umask(0)
    try:
        make_key(path)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    with pytest.raises(LinkError, match=r"key\.open"):
        load_key(path)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    make_key(tmp_path / "k.key")
    with pytest.raises(ConfigError, match=r"key\.exists"):
        make_key(tmp_path / "k.key")


@pytest.mark.parametrize("text", [b"", b"x", b"broadcaster-ed25519-private ???", b"broadcaster-ed25519-private AAAA"])
def test_a_file_that_is_no_key(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "k.key"
    path.write_bytes(text)
    path.chmod(0o600)
    with pytest.raises(LinkError, match=r"key\.broken"):
        load_key(path)


def test_a_key_does_not_show_itself(tmp_path: Path) -> None:
    key = make_key(tmp_path / "k.key")
    secret = (tmp_path / "k.key").read_text().split()[1]
    assert secret not in f"{key!r} {key} {vars(key)}"
    assert key.name in repr(key)


def test_codes_differ() -> None:
    assert len({new_code() for _ in range(200)}) == 200
    assert fresh_key().public != fresh_key().public
