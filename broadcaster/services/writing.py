"""Writing: bulletins come in, their reading is made and shown."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.bulletin_file import parse_bulletin
from broadcaster.domain.chime import CHIME, tune
from broadcaster.domain.master import CHIME_PAUSE, recipe_for
from broadcaster.domain.reading import Lexicon, LexiconEntry, Reading, pace, proofread, read
from broadcaster.domain.station import Role, Station
from broadcaster.domain.taxonomy import Taxonomy
from broadcaster.errors import BulletinError, Finding, Place
from broadcaster.ports import Clock, Store, StoredReading
from broadcaster.units import Milliseconds

_ROUGH_RATE = 1000
"""Enough to know how long a tone is, without the work of making it."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one file: the bulletin, whether this version is new, and what a person should look at."""

    bulletin: Bulletin
    new: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Writing:
    """Bulletins and their readings."""

    store: Store
    clock: Clock
    station: Station
    taxonomy: Taxonomy
    lexicon: Lexicon

    def parse(self, text: str, code: str, author: str, file: str = "") -> tuple[Bulletin, tuple[Finding, ...]]:
        """A bulletin from a file's text; nothing is kept.

        Raises:
            BulletinError: `bulletin.invalid` with every finding; `person.unknown` or `person.role` for the author.
        """
        self.require(author, Role.AUTHOR)
        return parse_bulletin(
            text, code=code, author=author, zones=self.station.zone_by_code, taxonomy=self.taxonomy, file=file
        )

    def keep(self, bulletin: Bulletin, findings: Sequence[Finding] = (), source: str = "", file: str = "") -> Imported:
        """Keep a bulletin and its reading; what the reading and the proof-reader noticed comes back with it.

        Args:
            bulletin: what to keep.
            findings: what was noticed before, to be handed on.
            source: the file's text, so that findings can name its lines.
            file: its name.
        """
        reading = self.read(bulletin)
        new = self.store.save_bulletin(bulletin, self.clock.now())
        self.store.save_reading(StoredReading(bulletin.code, bulletin.text_hash, reading.hash, reading.spoken))
        # The store keeps a text's first author, so that nobody gains the right to approve by handing it in again.
        kept = self.store.bulletin(bulletin.code) or bulletin
        noticed = located((*proofread(bulletin.body), *reading.findings), source, file)
        return Imported(kept, new, (*findings, *noticed))

    def read(self, bulletin: Bulletin) -> Reading:
        """What the announcer says for a bulletin's body, its own words over the commune's."""
        return read(bulletin.body, lexicon=self.lexicon_of(bulletin.lexicon))

    def noticed(self, title: str, body: str, reading: Reading) -> tuple[Finding, ...]:
        """What a person should look at before a text and its title are spoken; `reading` is the body's."""
        proof = proofread(body)
        told = {one.facts.get("written") for one in proof if one.code == "reading.privacy_citizen_id"}
        rest = [f for f in reading.findings if f.code != "reading.citizen_id" or f.facts.get("written") not in told]
        return (*proofread(title), *proof, *rest)

    def read_title(self, bulletin: Bulletin) -> Reading:
        """What the announcer says for a bulletin's title, its own words over the commune's."""
        return read(bulletin.title, lexicon=self.lexicon_of(bulletin.lexicon))

    def read_text(self, text: str) -> Reading:
        """What the announcer says for a text."""
        return read(text, lexicon=self.lexicon)

    def lexicon_of(self, words: Mapping[str, str]) -> Lexicon:
        """The lexicon for one bulletin."""
        return bulletin_lexicon(self.lexicon, words)

    def estimate(self, bulletin: Bulletin) -> Milliseconds:
        """About how long a bulletin's master will be, from its reading, by the pace of the station's first engine."""
        parts = recipe_for(
            bulletin,
            self.read(bulletin),
            engine="",
            engine_version="",
            voices={"main": ""},
            title=self.read_title(bulletin),
            notice=self.read_text(self.station.parts.synthetic_notice),
        )
        syllables = sum(len(line.spoken.split()) for line in parts.lines)
        silence = CHIME_PAUSE + sum(line.pause_ms for line in parts.lines)
        speech = round(syllables * 1000 / pace(next(iter(self.station.engines), "")))
        return Milliseconds(tune(CHIME, _ROUGH_RATE).duration_ms + silence + speech)

    def bulletin(self, code: str) -> Bulletin:
        """A bulletin by its code, or by a beginning of it that no other shares.

        Raises:
            BulletinError: `bulletin.unknown`, `bulletin.ambiguous`.
        """
        found = self.store.bulletin(code)
        if found is not None:
            return found
        known = [bulletin for bulletin in self.store.bulletins() if bulletin.code.startswith(code)]
        if len(known) == 1:
            return known[0]
        if known:
            raise BulletinError("bulletin.ambiguous", given=code, known=[b.code for b in known])
        raise BulletinError("bulletin.unknown", given=code, known=[b.code for b in self.store.bulletins()])

    def require(self, actor: str, *roles: Role) -> None:
        """Check that a person may act in a role, one of several where that is enough.

        Raises:
            BulletinError: `person.unknown`, `person.role`.
        """
        require(self.station, actor, *roles)


def bulletin_lexicon(lexicon: Lexicon, words: Mapping[str, str]) -> Lexicon:
    """A lexicon with one bulletin's own words on top."""
    if not words:
        return lexicon
    return lexicon.with_entries("bulletin", [LexiconEntry(written, spoken) for written, spoken in words.items()])


def require(station: Station, actor: str, *roles: Role) -> None:
    """Check that a person of the station may act in a role, one of several where that is enough.

    Raises:
        BulletinError: `person.unknown`, `person.role`.
    """
    person = station.person(actor)
    if person is None:
        raise BulletinError("person.unknown", given=actor, known=[p.code for p in station.people])
    if person.roles.isdisjoint(roles):
        able = [p.code for p in station.people if not p.roles.isdisjoint(roles)]
        raise BulletinError("person.role", person=person.name, role=" / ".join(roles), able=able)


def located(findings: Iterable[Finding], source: str, file: str) -> tuple[Finding, ...]:
    """Findings about a text, each with the line of the file on which its matter stands first; 0 where it is not found.

    Args:
        findings: those that name a piece of the text as their fact `text`.
        source: the file's text.
        file: its name.
    """
    lines = unicodedata.normalize("NFC", source).splitlines()

    def line_of(text: str) -> int:
        return next((n for n, line in enumerate(lines, 1) if text and text in line), 0)

    return tuple(replace(f, place=Place(file, line_of(str(f.facts.get("text", ""))))) for f in findings)
