"""Every address of the console with generated requests, as every role: no failure inside, no write without a role."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
import schemathesis
from fastapi.openapi.utils import get_openapi
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, seed, settings

from broadcaster.domain.access import Account
from broadcaster.web import routes
from tests.web.conftest import SECRET, Office, workspace

WHO = ("", "tu_phap", "pho_chu_tich", "van_hoa", "van_phong", "quan_tri")
DOOR = {"/dang-nhap", "/cai-dat-lan-dau", "/dang-xuat"}
NOT_FOR = {
    "tu_phap": (
        "/duyet/",
        "/xep",
        "/mang-loa/",
        "/tat-loa",
        "/thu-loa",
        "/thu-tuc",
        "/sao-luu",
        "/bao-tin",
        "/cai-dat/dai",
    ),
    "pho_chu_tich": ("/ban-tin", "/xep", "/thu-tuc", "/tu-dien", "/sao-luu", "/bao-tin", "/cai-dat/dai"),
    "van_phong": (
        "/ban-tin",
        "/duyet/",
        "/xep",
        "/mang-loa/",
        "/tat-loa",
        "/thu-loa",
        "/thu-tuc",
        "/tu-dien",
        "/sao-luu",
        "/bao-tin",
        "/cai-dat/dai",
    ),
    "van_hoa": ("/duyet/", "/sao-luu", "/bao-tin", "/cai-dat/dai"),
    "quan_tri": ("/ban-tin", "/duyet/", "/xep", "/mang-loa/", "/tat-loa", "/thu-loa", "/thu-tuc", "/tu-dien"),
}
few = settings(
    max_examples=4,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[Office]:
    app = workspace(tmp_path_factory.mktemp("fuzz"), root)
    made = Office(app)
    made.web.state.closing.set()  # the page that changes by itself would never end
    for code in WHO[1:]:
        app.store.save_account(Account(code, SECRET, admin=code == "quan_tri", active=True, at=app.clock.now()))
    made.handed_in(made.browser("tu_phap"))
    yield made
    app.close()


@pytest.fixture(scope="module")
def schema() -> Any:
    """The description of the console with its pages, which it does not publish."""
    parts = [import_module(f"broadcaster.web.routes.{found.name}") for found in iter_modules(routes.__path__)]
    every = [route for part in parts if hasattr(part, "router") for route in part.router.routes]
    hidden = [route for route in every if not route.include_in_schema]
    for route in hidden:
        route.include_in_schema = True
    described = get_openapi(title="all", version="1", routes=every)
    for route in hidden:
        route.include_in_schema = False
    return schemathesis.openapi.from_dict(described)


def sent(browser: TestClient, case: Any) -> int:
    kwargs = case.as_transport_kwargs(base_url="http://testserver")
    kwargs.pop("cookies", None)
    headers = {k: v for k, v in dict(kwargs.pop("headers", None) or {}).items() if k.lower() not in {"origin", "host"}}
    answer = browser.request(
        kwargs.pop("method"),
        kwargs.pop("url"),
        headers=headers,
        params=kwargs.get("params"),
        data=kwargs.get("data") if isinstance(kwargs.get("data"), dict) else None,
        content=kwargs.get("data") if isinstance(kwargs.get("data"), (bytes, str)) else None,
        json=kwargs.get("json"),
        files=kwargs.get("files"),
        follow_redirects=False,
    )
    return answer.status_code


def test_the_published_description_is_kept_by_the_json_api(station: Office) -> None:
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", station.web)
    cookies = {"phien": station.browser("van_phong").cookies["phien"]}
    seen = set()
    for found in schema.get_all_operations():
        operation = found.ok()

        @seed(7)
        @settings(few, max_examples=15)
        @given(case=operation.as_strategy())
        def kept(case: Any) -> None:
            seen.add(case.operation.label)
            case.call_and_validate(cookies=cookies)

        kept()
    assert len(seen) == 4


@pytest.mark.parametrize("who", WHO)
def test_no_address_fails_inside_and_no_write_without_a_role(station: Office, schema: Any, who: str) -> None:
    browser = station.browser(who)
    before = (station.app.store.accounts(), len(station.app.store.bulletins()))
    labels = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path in DOOR:
            continue

        @seed(11)
        @few
        @given(case=operation.as_strategy())
        def answered(case: Any) -> None:
            labels.add(case.operation.label)
            status = sent(browser, case)
            assert status < 500 or status == 503, case.operation.label
            wrong = who and any(part in case.operation.path for part in NOT_FOR[who])
            if case.method.upper() not in {"GET", "HEAD"} and (not who or wrong):
                assert status in {400, 401, 403, 404, 405, 413, 422}, (case.operation.label, status)

        answered()
    assert len(labels) > 25
    assert (station.app.store.accounts(), len(station.app.store.bulletins())) == before or who in {
        "tu_phap",
        "van_hoa",
        "quan_tri",
    }
