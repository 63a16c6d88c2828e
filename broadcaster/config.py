"""Where a workspace keeps its things, from a folder and the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from broadcaster.errors import ConfigError

LANGUAGES = ("vi", "en")
LONGEST_NAME = 240
"""Letters of a file's name in a backup."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folders and files of one station. The demo's sound, plans and database stand apart from the station's own."""

    root: Path
    scripts: Path
    audio: Path
    schedules: Path
    station_file: Path
    lexicon_file: Path
    database: Path
    voices: Path
    rates_file: Path
    exchange_file: Path
    form_file: Path
    network: Path
    curbs_file: Path
    procedures_file: Path
    diary_file: Path
    old_stations: Path
    webhook_file: Path
    outbox: Path
    restoring: Path
    backups: Path

    @classmethod
    def at(cls, root: Path, *, demo: bool = False, voices: Path | None = None) -> "Workspace":
        """The workspace in a folder, or the demo's part of it; voice files may lie elsewhere, for several stations."""
        audio, schedules = root / "audio_out", root / "schedules"
        return cls(
            root=root,
            scripts=root / "scripts_vi",
            audio=audio / "demo" if demo else audio,
            schedules=schedules / "demo" if demo else schedules,
            station_file=schedules / "station.toml",
            lexicon_file=root / "scripts_vi" / "tu_dien.tsv",
            database=schedules / "demo" / "demo.db" if demo else root / "broadcaster.db",
            voices=voices or root / "voices",
            rates_file=schedules / "nhuan_but.toml",
            exchange_file=schedules / "htttn.toml",
            form_file=schedules / "mau_van_ban.docx",
            network=schedules / "demo" / "mang" if demo else root / "mang",
            curbs_file=(schedules / "demo" if demo else schedules) / "tat_loa.jsonl",
            procedures_file=(schedules / "demo" if demo else schedules) / "thu_tuc.jsonl",
            diary_file=(schedules / "demo" if demo else schedules) / "so_viec.jsonl",
            old_stations=schedules / "ban_cu",
            webhook_file=(schedules / "demo" if demo else schedules) / "webhook.toml",
            outbox=(schedules / "demo" if demo else root) / "tin_bao",
            restoring=(schedules / "demo" if demo else root) / ".khoi_phuc",
            backups=(schedules / "demo" if demo else root) / "sao_luu",
        )

    @property
    def _kept(self) -> list[tuple[Path, str]]:
        """Folders and names in them that a backup holds beside the database."""
        kept = [(self.schedules, "*.toml"), (self.schedules, "*.jsonl"), (self.old_stations, "*.toml")]
        kept += [(path.parent, path.name) for path in (self.station_file, self.form_file)]
        kept += [(self.scripts, f"*.{ending}") for ending in ("txt", "md", "tsv", "toml")]
        kept += [(self.network, "*.json"), (self.network, "*.jsonl"), (self.network / "su_kien", "*.jsonl")]
        return [*kept, (self.network / "khan_cap", "*.json")]

    @property
    def settings(self) -> dict[str, Path]:
        """What a backup needs beside the database, by the name in it: no keys, no sound, nothing that is made anew."""
        chosen = [path for folder, pattern in self._kept for path in folder.glob(pattern)]
        names = {path.relative_to(self.root).as_posix(): path for path in chosen if path.is_file()}
        return dict(sorted(names.items()))

    def place_of(self, name: str) -> Path | None:
        """Where a file of a backup belongs, by its name in it; None for a name that no backup of ours has."""
        if name == self.database.name:
            return self.database
        if not name.isprintable() or any(sign in name for sign in '\\:*?"<>|') or len(name) > LONGEST_NAME:
            return None
        inside = PurePosixPath(name)
        if inside.is_absolute() or ".." in inside.parts or inside.as_posix() != name or inside.name.startswith("."):
            return None
        place = self.root / inside
        held = any(place.parent == folder and fnmatchcase(inside.name, pattern) for folder, pattern in self._kept)
        return place if held else None

    @property
    def own_form(self) -> Path | None:
        """The office's own Word template, where it has one."""
        return self.form_file if self.form_file.exists() else None


@dataclass(frozen=True, slots=True)
class Settings:
    """What a command line and the environment say.

    `user` is the code of the person who acts, empty when nobody said.
    """

    workspace: Workspace
    user: str = ""
    language: str = "vi"
    demo: bool = False


def settings_from(
    root: str | None, user: str | None, language: str | None, *, demo: bool, environment: Mapping[str, str] = os.environ
) -> Settings:
    """Settings from the command line, then from BROADCASTER_WORKSPACE, BROADCASTER_USER and BROADCASTER_LANG.

    BROADCASTER_VOICES names the folder of voice files.

    Raises:
        ConfigError: `config.language` for a language that is not known.
    """
    chosen = language or environment.get("BROADCASTER_LANG") or "vi"
    if chosen not in LANGUAGES:
        raise ConfigError("config.language", given=chosen, allowed=list(LANGUAGES))
    folder = Path(root or environment.get("BROADCASTER_WORKSPACE") or ".")
    voices = environment.get("BROADCASTER_VOICES")
    workspace = Workspace.at(folder, demo=demo, voices=Path(voices) if voices else None)
    return Settings(workspace, user or environment.get("BROADCASTER_USER", ""), chosen, demo)
