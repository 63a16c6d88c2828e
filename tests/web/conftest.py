"""A workspace with its console: the sample station, spoken by the engine for tests."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pwdlib.hashers.argon2 import Argon2Hasher

from broadcaster.bootstrap import App
from broadcaster.config import Settings, Workspace
from broadcaster.domain.access import Account
from broadcaster.domain.station import week_start
from broadcaster.web.app import create_app

PASSWORD = "một câu dễ nhớ"  # noqa: S105 - a test's
CODE = "mã-cài-đặt"
SECRET = Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
"""Hashed with little work: a hash names its own parameters, so that the real code reads it."""


class Office:
    """The console and the people before it."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.web = create_app(app, CODE)

    def browser(self, code: str = "") -> TestClient:
        """A browser, logged in where a code is given."""
        made = TestClient(self.web, headers={"origin": "http://testserver"}, raise_server_exceptions=True)
        if code:
            answer = made.post("/dang-nhap", data={"ma": code, "mat_khau": PASSWORD}, follow_redirects=False)
            assert answer.status_code == 303, answer.text
        return made

    def fields(self, **changed: str) -> dict[str, str]:
        """A bulletin as the form sends it."""
        monday = week_start(self.app.station.local(self.app.clock.now()).date()) + timedelta(days=7)
        return {
            "title": "Họp thôn Đông",
            "body": "Kính thưa bà con, mai họp thôn lúc 7 giờ 30.",
            "kind": "tin",
            "topic": "mot_cua",
            "unit": "Văn phòng xã",
            "valid_from": monday.isoformat(),
            "valid_to": (monday + timedelta(days=6)).isoformat(),
            "zone": "toan_xa",
            "priority": "thong_thuong",
            "days": "0",
            "repeats": "0",
        } | changed

    def handed_in(self, author: TestClient, **changed: str) -> str:
        """A bulletin that waits for the leader; its code."""
        answer = author.post("/ban-tin", data=self.fields(**changed), follow_redirects=False)
        assert answer.status_code == 303, answer.text
        code = answer.headers["location"].split("/")[-1].partition("?")[0]
        assert author.post(f"/ban-tin/{code}/ban-phat").status_code == 200
        assert author.post(f"/ban-tin/{code}/trinh").status_code == 200
        return code


def subject_in(text: str) -> str:
    """What a review page would consent to."""
    found = re.search(r'name="noi_dung" value="([0-9a-f]{64})"', text)
    assert found
    return found[1]


def workspace(folder: Path, root: Path) -> App:
    (folder / "schedules").mkdir()
    (folder / "scripts_vi").mkdir()
    text = (root / "schedules" / "station.toml").read_text(encoding="utf-8")
    (folder / "schedules" / "station.toml").write_text(text.replace('["espeak"]', '["tone"]'), encoding="utf-8")
    return App(Settings(Workspace.at(folder)))


@pytest.fixture
def office(tmp_path: Path, root: Path) -> Iterator[Office]:
    app = workspace(tmp_path, root)
    made = Office(app)
    for code in ("quan_tri", "tu_phap", "van_hoa", "pho_chu_tich", "van_phong"):
        app.store.save_account(Account(code, SECRET, admin=code == "quan_tri", active=True, at=app.clock.now()))
    yield made
    app.close()
