"""Warnings in CAP 1.2: signed ones are read, everything else is refused before it can do harm."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.signer import XMLSigner

from broadcaster.adapters.cap import read_cap
from broadcaster.domain.cap import CapArea, CapKind, CapStatus
from broadcaster.errors import LinkError

NS = "urn:oasis:names:tc:emergency:cap:1.2"
ALERT = f"""<alert xmlns="{NS}">
  <identifier>VN-2026-1</identifier><sender>pctt@tinh.example</sender><sent>2026-11-24T10:00:00+07:00</sent>
  <status>Actual</status><msgType>Alert</msgType><scope>Public</scope>
  <info><language>en</language><category>Met</category><event>Flood</event><urgency>Immediate</urgency>
    <severity>Extreme</severity><certainty>Observed</certainty><description>English</description></info>
  <info><language>vi-VN</language><category>Met</category><event>Lũ</event><urgency>Immediate</urgency>
    <severity>Extreme</severity><certainty>Observed</certainty><expires>2026-11-24T18:00:00+07:00</expires>
    <headline>Cảnh báo lũ</headline><description>Nước sông lên nhanh.</description>
    <instruction>Sơ tán ngay!</instruction>
    <area><areaDesc>thôn Đông</areaDesc>
      <geocode><valueName>vung</valueName><value>thon_dong</value></geocode></area></info>
</alert>"""


class Sender:
    """Somebody with a certificate."""

    def __init__(self, folder: Path, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = dt.datetime.now(dt.UTC)  # noqa: TID251 - a certificate is valid at the real time
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=365))
            .sign(self._key, hashes.SHA256())
        )
        self._pem = certificate.public_bytes(serialization.Encoding.PEM)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self._pem)

    def sign(self, text: str = ALERT) -> bytes:
        signer = XMLSigner(signature_algorithm="ecdsa-sha256", digest_algorithm="sha256")
        signed = signer.sign(etree.fromstring(text.encode()), key=self._key, cert=self._pem.decode())
        return bytes(etree.tostring(signed))


@pytest.fixture(scope="module")
def sender(tmp_path_factory: pytest.TempPathFactory) -> Sender:
    return Sender(tmp_path_factory.mktemp("cap"), "tinh")


def test_a_signed_warning_is_read_in_vietnamese(sender: Sender) -> None:
    alert = read_cap(sender.sign(), [sender.file])
    assert (alert.id, alert.status, alert.kind) == ("VN-2026-1", CapStatus.ACTUAL, CapKind.ALERT)
    assert alert.text == "Cảnh báo lũ. Nước sông lên nhanh. Sơ tán ngay!"
    assert alert.areas == (CapArea("thôn Đông", (("vung", "thon_dong"),)),)
    assert alert.sent == dt.datetime(2026, 11, 24, 3, tzinfo=dt.UTC)
    assert alert.expires == dt.datetime(2026, 11, 24, 11, tzinfo=dt.UTC)


def test_one_certificate_of_several_is_enough(sender: Sender, tmp_path: Path) -> None:
    assert read_cap(sender.sign(), [Sender(tmp_path, "khac").file, sender.file]).id == "VN-2026-1"


LAUGHS = '<!DOCTYPE a [<!ENTITY b "ha">' + "".join(
    f'<!ENTITY b{n} "{f"&b{n - 1 if n else str()};" * 10}">' for n in range(9)
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "cap.xml"),
        (b"<alert", "cap.xml"),
        (ALERT.encode(), "cap.unsigned"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><alert>&x;</alert>', "cap.xml"),
        (f"{LAUGHS}]><a>&b8;</a>".encode(), "cap.xml"),
        ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"), "cap.xml"),
        (b"<a>" * 5000 + b"</a>" * 5000, "cap.xml"),
        (b"<a>" + b"x" * 1_000_001 + b"</a>", "cap.size"),
    ],
    ids=["empty", "cut", "unsigned", "XXE", "laughs", "UTF-16", "deep", "large"],
)
def test_what_is_no_signed_warning(sender: Sender, text: bytes, code: str) -> None:
    assert refused(text, sender) == code


def refused(text: bytes, *senders: Sender) -> str:
    with pytest.raises(LinkError) as raised:
        read_cap(text, [one.file for one in senders])
    return raised.value.code


def test_a_changed_word(sender: Sender) -> None:
    signed = sender.sign().replace("thôn Đông".encode(), "thôn Đoài".encode()).replace(b"th&#244;n", b"Thon")
    assert refused(signed, sender) == "cap.signature"


def test_a_stranger_and_nobody(sender: Sender, tmp_path: Path) -> None:
    assert refused(sender.sign(), Sender(tmp_path, "la")) == "cap.signature"
    assert refused(sender.sign()) == "cap.certificate"


def test_a_signed_warning_wrapped_into_a_forged_one(sender: Sender) -> None:
    """The forged warning outside, the signature beside it, the true one within: nothing of the forgery is believed."""
    true: Any = etree.fromstring(sender.sign())
    signature = true.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
    forged: Any = etree.fromstring(ALERT.replace("Sơ tán ngay!", "Về nhà đi!").encode())
    true.remove(signature)
    forged.append(signature)
    forged.append(true)
    assert refused(etree.tostring(forged), sender) == "cap.signature"


def test_a_signed_text_that_is_no_warning(sender: Sender) -> None:
    assert refused(sender.sign("<hoa_don>1</hoa_don>"), sender) == "cap.signature"
    assert refused(sender.sign(ALERT.replace("Actual", "Maybe")), sender) == "cap.form"
    assert refused(sender.sign(ALERT.replace("2026-11-24T10:00:00+07:00", "hôm nay")), sender) == "cap.form"
