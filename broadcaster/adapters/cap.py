"""Warnings in CAP 1.2: parsed without entities, network or deep trees, and taken from the signed part alone."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from broadcaster.domain.cap import CapAlert, CapArea, CapKind, CapStatus
from broadcaster.errors import LinkError
from broadcaster.units import as_utc

_NS = "urn:oasis:names:tc:emergency:cap:1.2"
_LIMIT = 1_000_000
LANGUAGE = "vi"


def read_cap(data: bytes, certificates: Sequence[Path]) -> CapAlert:
    """A warning whose signature is by one of the certificates (PEM).

    Raises:
        LinkError: `cap.size`, `cap.xml`, `cap.unsigned`, `cap.signature`, `cap.certificate`, `cap.form`.
    """
    from lxml import etree

    if len(data) > _LIMIT:
        raise LinkError("cap.size", limit=_LIMIT)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or _declares(data):
        raise LinkError("cap.xml", detail="DOCTYPE")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise LinkError("cap.xml", detail=str(error)[:100]) from error
    if root.getroottree().docinfo.doctype:
        raise LinkError("cap.xml", detail="DOCTYPE")
    return _alert(_signed(root, certificates))


def _declares(data: bytes) -> bool:
    """Whether a document type hides behind another encoding: only UTF-8 is read."""
    try:
        return "<!DOCTYPE" in data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return True


def _signed(root: Any, certificates: Sequence[Path]) -> Any:
    """The part of the document that a certificate of ours has signed."""
    from lxml import etree
    from signxml.exceptions import InvalidInput, InvalidSignature
    from signxml.verifier import SignatureConfiguration, XMLVerifier

    if root.find("{http://www.w3.org/2000/09/xmldsig#}Signature") is None:
        raise LinkError("cap.unsigned")
    if not certificates:
        raise LinkError("cap.certificate")
    config = SignatureConfiguration(location="./")
    why = ""
    for path in certificates:
        try:
            done = XMLVerifier().verify(root, x509_cert=path.read_text(encoding="ascii"), expect_config=config)
        except (InvalidSignature, InvalidInput, ValueError, etree.LxmlError) as error:
            why = str(error)[:100]
            continue
        # One reference is asked for, so this is one result; nothing outside of what it covers is looked at.
        signed = done[0].signed_xml if isinstance(done, list) else done.signed_xml
        if signed is not None and signed.tag == f"{{{_NS}}}alert":
            return signed
        why = "alert"
    raise LinkError("cap.signature", detail=why)


def _alert(root: Any) -> CapAlert:
    def text(of: Any, name: str) -> str:
        return " ".join((of.findtext(f"{{{_NS}}}{name}") or "").split())

    try:
        infos = root.findall(f"{{{_NS}}}info")
        ours = [info for info in infos if text(info, "language").lower().startswith(LANGUAGE)] or infos
        said = [text(info, name) for info in ours[:1] for name in ("headline", "description", "instruction")]
        ends = [as_utc(datetime.fromisoformat(end)) for info in ours if (end := text(info, "expires"))]
        areas = [
            CapArea(
                text(area, "areaDesc"),
                tuple((text(code, "valueName"), text(code, "value")) for code in area.findall(f"{{{_NS}}}geocode")),
            )
            for info in ours
            for area in info.findall(f"{{{_NS}}}area")
        ]
        references = [one.split(",")[1] for one in text(root, "references").split() if one.count(",") == 2]
        alert = CapAlert(
            id=text(root, "identifier"),
            sender=text(root, "sender"),
            sent=as_utc(datetime.fromisoformat(text(root, "sent"))),
            status=CapStatus(text(root, "status")),
            kind=CapKind(text(root, "msgType")),
            text=" ".join(one if one.endswith((".", "!", "?")) else f"{one}." for one in said if one),
            expires=min(ends) if ends else None,
            areas=tuple(areas),
            references=tuple(references),
        )
    except ValueError as error:
        raise LinkError("cap.form", detail=str(error)[:100]) from error
    if not alert.id or not alert.sender:
        raise LinkError("cap.form", detail="identifier, sender")
    return alert
