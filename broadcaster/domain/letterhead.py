"""Who issues a document: the parts of its form that stay the same (NĐ 30/2020/NĐ-CP, article 8)."""

from dataclasses import dataclass, replace

from broadcaster.domain.fields import Fields

_LOCAL_KINDS = ("xã ", "phường ", "thị trấn ", "đặc khu ")


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The fixed parts of an office's documents.

    Args:
        parent: the authority above the issuer (cơ quan chủ quản).
        issuer: who issues (cơ quan ban hành).
        symbol: what follows the kind in the document's symbol: `ĐTT` gives `Số: …/BC-ĐTT`.
        place: the place name before the date (địa danh).
        signer_titles: lines above the signature, the authority first: `KT. CHỦ TỊCH`, `PHÓ CHỦ TỊCH`.
        signer: the signer's name, empty to be written by hand.
        recipients: the lines of `Nơi nhận`.
    """

    parent: str = ""
    issuer: str = ""
    symbol: str = ""
    place: str = ""
    signer_titles: tuple[str, ...] = ()
    signer: str = ""
    recipients: tuple[str, ...] = ()

    def filled(self, station: str, commune: str) -> "Letterhead":
        """With what the station's own name and commune say where the file says nothing."""
        place = next((commune[len(kind) :] for kind in _LOCAL_KINDS if commune.lower().startswith(kind)), commune)
        return replace(
            self,
            parent=self.parent or f"Ủy ban nhân dân {commune}",
            issuer=self.issuer or station,
            symbol=self.symbol or "ĐTT",
            place=self.place or place,
            signer_titles=self.signer_titles or ("Người lập",),
            recipients=self.recipients or (f"Ủy ban nhân dân {commune}", "Lưu: ĐTT"),
        )


NO_LETTERHEAD = Letterhead()


def letterhead_from(fields: Fields) -> Letterhead:
    """The letterhead of `[letterhead]` in the station's file."""
    found = Letterhead(
        fields.text("parent"),
        fields.text("issuer"),
        fields.text("symbol"),
        fields.text("place"),
        fields.texts("signer_titles"),
        fields.text("signer"),
        fields.texts("recipients"),
    )
    if "/" in found.symbol:
        fields.problem("letterhead.symbol", "symbol", given=found.symbol)
    fields.unknown()
    return found
