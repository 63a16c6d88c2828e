"""Backups: taken, looked at, and put in the place of the present state. Put together here, for console and command."""

import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from broadcaster.adapters.backup import check_database, is_alone, unpack, write_backup
from broadcaster.adapters.clock import monotonic, sleep
from broadcaster.adapters.lock import only_one
from broadcaster.adapters.restoring import Desk, Order, Stage
from broadcaster.config import Settings, Workspace
from broadcaster.domain.asrun import GENESIS
from broadcaster.domain.trail import What
from broadcaster.errors import BroadcasterError, ConfigError, OutputError, StoreError
from broadcaster.ports import Clock, Store
from broadcaster.wording import say

if TYPE_CHECKING:
    from broadcaster.bootstrap import App

ALONE_S = 5.0
"""How long another process may take to let go of the database."""
BUSY_S = 120.0
"""How long another process may take to finish a restoration."""
EARLY, LATE = datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
MANY_ROWS = 500
"""Rows of the ledger that are carried over at a time."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a backup holds.

    Args:
        file: its name.
        at: when it was made; None where it does not say.
        code: whose it is.
        name: the station's name in it.
        other: whether it is another station's than the one that is here.
        fresh: whether no station is here.
        bulletins: how many.
        weeks: weeks with a plan.
        rows: rows of the ledger, of all nodes.
        nodes: clusters that have rows.
        broken: chains of the ledger, that of corrections among them, that do not hold.
        accounts: who can come in with it, administrators first.
        ahead: rows of the present ledger that go on behind it and will be kept.
    """

    file: str
    at: datetime | None
    code: str
    name: str
    other: bool
    fresh: bool
    bulletins: int
    weeks: int
    rows: int
    nodes: int
    broken: int
    accounts: tuple[str, ...]
    ahead: int


class Restoring:
    """A station's backups."""

    def __init__(self, app: "App") -> None:
        self._app = app
        self._workspace = app.workspace
        self.desk = Desk(app.workspace.restoring, app.workspace.root)
        self._uploads = app.workspace.restoring / "tai_len"

    def backup(self, target: Path) -> None:
        """Write one file with the database and the settings.

        Raises:
            StoreError: `store.unreadable`, `store.disk`.
        """
        _backup(self._workspace, self._app.clock, target)

    def name(self) -> str:
        """What a backup of now is called."""
        return f"sao_luu_{self._app.station.code}_{_stamp(self._app)}.zip"

    # Those that are here

    def kept(self) -> list[Path]:
        """The backups that lie on this machine, the newest first."""
        return sorted(self._workspace.backups.glob("*.zip"), key=lambda path: path.stat().st_mtime, reverse=True)

    def keep_upload(self, source: IO[bytes]) -> str:
        """Keep a backup that somebody brings until it is restored or another one comes; its name.

        Raises:
            StoreError: `store.disk`.
        """
        try:
            shutil.rmtree(self._uploads, ignore_errors=True)
            self._uploads.mkdir(parents=True, mode=0o700)
            name = f"{secrets.token_hex(16)}.zip"
            with (self._uploads / name).open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
        except OSError as error:
            raise StoreError("store.disk", file="zip", detail=error.strerror or "") from error
        return name

    def found(self, name: str) -> Path:
        """A backup by its name: one that was brought, or one that lies here.

        Raises:
            ConfigError: `backup.unknown`.
        """
        for path in (*self._uploads.glob("*.zip"), *self.kept()):
            if path.name == name:
                return path
        raise ConfigError("backup.unknown", file=name[:80])

    # From a backup to the station

    def look(self, archive: Path, shown: str = "") -> Looked:
        """What a backup holds, every byte and every chain of it checked. Nothing of the present state changes.

        Args:
            archive: the file.
            shown: its name for people; the file's own unless given.

        Raises:
            ConfigError: `backup.damaged`, `backup.strange`, `backup.no_database`, `backup.under_way`; `station.…`,
                `diary.broken`, `curb.broken`, `procedure.broken` for settings that cannot be read.
            StoreError: `store.newer`, `store.foreign`, `store.disk`.
        """
        with self._alone():
            looked, _ = self._unpacked(archive, shown or archive.name)
            self.desk.sweep()
            return looked

    def prepare(self, archive: Path, by: str, shown: str = "", *, broken: bool = False) -> Looked:
        """Lay out a backup so that the next start puts it in place; until then nothing has changed.

        Args:
            archive: the file.
            by: who restores it.
            shown: its name for people.
            broken: whether a ledger whose chains do not hold is taken.

        Raises:
            ConfigError: as `look`; `backup.other_station`, `backup.chain`.
            StoreError: as `look`.
        """
        shown = shown or archive.name
        with self._alone():
            try:
                looked, names = self._unpacked(archive, shown)
                _refuse(looked, broken=broken)
                self._dress(by, shown)
                there = _below(self._staged, names)
                there += [self._staged.diary_file.relative_to(self._staged.root).as_posix()]
                there = sorted({name for name in there if self._is_own(name)})
                self.desk.flush(there)
                here = [*self._workspace.settings.values(), self._workspace.outbox / "da_xem.json"]
                # What was told to other programs counts what is there no more.
                gone = [name for path in here if (name := _rel(self._workspace, path)) not in there]
                gone = [name for name in gone if self._is_own(name)]
                self.desk.put(Order(Stage.WAITING, by, shown, tuple(there), tuple(gone)))
            except BaseException:
                self.desk.take_back()
                raise
        return looked

    def _is_own(self, name: str) -> bool:
        """Whether a file is this workspace's own: the demo only reads the station's file and texts."""
        own = _rel(self._workspace, self._workspace.schedules) + "/"
        return not self._app.settings.demo or name.startswith(own)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Alone among those who prepare, and not while another one is to be put in place."""
        self.desk.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with only_one(self.desk.root / ".soan.khoa", ""):
                order = self.desk.order()
                if order is not None:
                    raise ConfigError("backup.under_way", file=order.title)
                yield
        except OutputError as error:
            raise ConfigError("backup.under_way", file="–") from error

    @property
    def _staged(self) -> Workspace:
        return Workspace.at(self.desk.staged, demo=self._app.settings.demo)

    def _unpacked(self, archive: Path, shown: str) -> tuple[Looked, Sequence[str]]:
        from broadcaster.bootstrap import App

        self.desk.sweep()
        self.desk.staged.mkdir(parents=True, mode=0o700)
        staged = self._staged
        unpacked = unpack(archive, staged.place_of, staged.database.name)
        for name in unpacked.names:
            place = staged.place_of(name)
            if place is not None and place.is_relative_to(staged.network):
                place.chmod(0o600)
        check_database(staged.database)
        with _open(App(replace(self._app.settings, workspace=staged), self._app.clock)) as app:
            return self._judged(app, shown, unpacked.at), unpacked.names

    def _judged(self, app: "App", shown: str, at: datetime | None) -> Looked:
        """What the unpacked state says of itself; everything in it is read once."""
        station, store = app.filed_station, app.store
        app.curbing.curbs()
        app.procedures.read()
        app.diary.notes()
        heads = store.heads()
        chains = app.auditing.verify()
        broken = sum(bool(findings) for findings in chains.values()) + bool(app.auditing.verify_corrections())
        accounts = sorted(store.accounts(), key=lambda one: (not one.admin, one.code))
        here = self._here()
        return Looked(
            file=shown,
            at=at,
            code=station.code,
            name=station.name,
            other=here is not None and here != station.code,
            fresh=here is None,
            bulletins=len(store.bulletins()),
            weeks=len({plan.week for _, plan in store.plans_saved(EARLY, LATE)}),
            rows=sum(heads.values()),
            nodes=len(heads),
            broken=broken,
            accounts=tuple(one.code for one in accounts if one.active),
            ahead=self._ahead(store, heads),
        )

    def _here(self) -> str | None:
        """The code of the station that is here; None where there is none that can be read."""
        try:
            return self._app.filed_station.code
        except ConfigError:
            return None

    def _ahead(self, then: Store, heads: Mapping[str, int]) -> int:
        """Rows of the present ledger that go on behind those of the backup; 0 where the present one cannot be read."""
        count = 0
        with suppress(StoreError), _store(self._workspace.database) as now:
            for node, seq in now.heads().items() if now else ():
                last = heads.get(node, 0)
                if now and seq > last:
                    end = then.rows_after(node, last - 1)[0].hash if last else GENESIS
                    rows = now.rows_after(node, last)
                    count += len(rows) if rows[0].previous == end else 0
        return count

    def _dress(self, by: str, shown: str) -> None:
        """Make the unpacked state fit to go on from: nobody is inside, and the diary says how it came."""
        from broadcaster.bootstrap import App

        with _open(App(replace(self._app.settings, workspace=self._staged), self._app.clock)) as app:
            for account in app.store.accounts():
                app.store.end_logins(account.code, app.clock.now())
            app.diary.note(by, What.RESTORED, shown)
        if not is_alone(self._staged.database, ALONE_S):
            raise StoreError("store.busy", file=self._staged.database.name)

    def carry_out(self) -> None:
        """Put in place what was prepared, now; this workspace must not be used afterwards.

        Raises:
            ConfigError: `backup.in_use` while another process has the database open, `backup.failed` if the present
                state cannot be backed up; nothing has changed then.
            StoreError: as `finish`.
        """
        self._app.close()
        finish(self._app.settings, self._app.clock)
        outcome = self.desk.outcome()
        if self.take_back():
            raise ConfigError("backup.in_use")
        if not outcome.get("done"):
            raise ConfigError("backup.failed", why=outcome.get("why", "–"))

    def take_back(self) -> bool:
        """Forget a restoration of which nothing has moved; whether there was one."""
        order = self.desk.order()
        if order is None or order.stage is not Stage.WAITING:
            return False
        self.desk.take_back()
        return True


def _refuse(looked: Looked, *, broken: bool) -> None:
    if looked.other:
        raise ConfigError("backup.other_station", file=looked.file, name=looked.name, station=looked.code)
    if looked.broken and not broken:
        raise ConfigError("backup.chain", file=looked.file, count=looked.broken)


def finish(settings: Settings, clock: Clock) -> bool:
    """Put in place what was prepared, if it can be now; whether nothing is left to do.

    It cannot while another process has the database open: then everything stays as it is. The present state is backed
    up first, and what the ledger has measured since the backup goes on behind it.

    Raises:
        StoreError: `file.disk` if it broke off under way; `backup.busy` if another process is at it and does not end.
    """
    workspace = settings.workspace
    desk = Desk(workspace.restoring, workspace.root)
    until = monotonic() + BUSY_S
    while True:
        try:
            with only_one(desk.root / ".khoa", ""):
                order = desk.order()
                if order is None:
                    return True
                if order.stage is Stage.WAITING and not _ready(workspace, clock, desk, order):
                    return desk.order() is None
                desk.carry_out(order, _rel(workspace, workspace.database))
                return True
        except OutputError as error:
            if monotonic() > until:
                raise StoreError("backup.busy") from error
            sleep(0.1)


def _ready(workspace: Workspace, clock: Clock, desk: Desk, order: Order) -> bool:
    """Whether the present state may go: nobody uses it, and it is backed up; else the order is forgotten."""
    if not is_alone(workspace.database, ALONE_S):
        return False
    staged = desk.staged / workspace.database.relative_to(workspace.root)
    try:
        with suppress(StoreError):  # a present ledger that cannot be read gives nothing, and is why one restores
            _carry(workspace.database, staged)
        if not is_alone(staged, ALONE_S):
            raise StoreError("store.busy", file=staged.name)
        desk.flush([staged.relative_to(desk.staged).as_posix()])
        if workspace.database.exists():
            workspace.backups.mkdir(parents=True, exist_ok=True, mode=0o700)
            _backup_of_any(workspace, clock, workspace.backups / f"truoc_khoi_phuc_{clock.now():%Y%m%d_%H%M%S}.zip")
    except BroadcasterError as error:
        desk.tell({"done": False, "title": order.title, "by": order.by, "why": say(error.code, **error.facts)})
        desk.take_back()
        return False
    return True


def _carry(old: Path, new: Path) -> None:
    """Put the rows that the old ledger has behind the new one's where their chain goes on."""
    with _store(old) as before, _store(new) as after:
        if before is None or after is None:
            return
        heads = after.heads()
        for node in before.nodes():
            rows = before.rows_after(node, heads.get(node, 0))
            for start in range(0, len(rows), MANY_ROWS):
                if after.receive_as_run(rows[start : start + MANY_ROWS]).refused:
                    break


@contextmanager
def _store(path: Path) -> Iterator[Store | None]:
    """A database, closed again; None where there is none."""
    from broadcaster.adapters.store.sql import open_store

    if not path.exists():
        yield None
        return
    store = open_store(path)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _open(app: "App") -> Iterator["App"]:
    try:
        yield app
    finally:
        app.close()


def _backup(workspace: Workspace, clock: Clock, target: Path) -> None:
    files = [item for item in workspace.settings.items() if item[1] != target]
    write_backup(workspace.database, files, say("backup.readme"), {"at": clock.now()}, target)


def _backup_of_any(workspace: Workspace, clock: Clock, target: Path) -> None:
    """A backup of a state that may be damaged: a database that cannot be read is kept as the file that it is."""
    try:
        check_database(workspace.database)
        _backup(workspace, clock, target)
    except (ConfigError, StoreError) as error:
        if error.code not in {"backup.damaged", "store.unreadable"}:
            raise
        try:
            shutil.copyfile(workspace.database, target.with_suffix(".db"))
        except OSError as failed:
            raise StoreError("store.disk", file=target.name, detail=failed.strerror or "") from failed
        settings = workspace.settings.items()
        write_backup(Path(target.parent, "-"), settings, say("backup.readme"), {"at": clock.now()}, target)


def _rel(workspace: Workspace, path: Path) -> str:
    return path.relative_to(workspace.root).as_posix()


def _below(workspace: Workspace, names: Sequence[str]) -> list[str]:
    """Where files of a backup belong, below the workspace's root."""
    return [_rel(workspace, place) for name in names if (place := workspace.place_of(name)) is not None]


def _stamp(app: "App") -> str:
    return app.station.local(app.clock.now()).strftime("%Y%m%d_%H%M")
