"""Messages for other programs: the file of receivers, the signature of the specification, what is kept on disk."""

import base64
from datetime import UTC, datetime

import pytest

from broadcaster.domain.webhook import (
    EventKind,
    Marks,
    Message,
    Standing,
    Webhook,
    event_of,
    headers_of,
    marks_from,
    marks_text,
    message_from,
    message_text,
    secret_text,
    secrets_from,
    standing_from,
    webhooks_from,
)
from broadcaster.errors import ConfigError
from broadcaster.units import plain

NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)


def test_the_signature_is_the_one_that_the_specification_shows() -> None:
    """The example of the Standard Webhooks specification and of its reference libraries."""
    [secret] = secrets_from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = headers_of("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', [secret], at)
    assert headers["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_two_secrets_sign_beside_one_another() -> None:
    first, second = secret_text(bytes(32)), secret_text(bytes(range(24)))
    headers = headers_of("msg_1", b"{}", secrets_from(f"{first}\n{second}\n"), NOW)
    signatures = headers["webhook-signature"].split()
    assert len(set(signatures)) == 2
    assert signatures[0] == headers_of("msg_1", b"{}", [bytes(32)], NOW)["webhook-signature"]


@pytest.mark.parametrize(
    "text", ["", "\n", "whsec_", "whsec_AAAA", "kín", "whsec_" + base64.b64encode(bytes(65)).decode()]
)
def test_what_is_no_secret_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - it carries nothing
        secrets_from(text)


def test_an_event_has_the_same_id_whoever_finds_it() -> None:
    one = event_of(EventKind.NODE_SILENT, NOW, {"node": "dong_1"}, "dong_1", NOW)
    again = event_of(EventKind.NODE_SILENT, NOW, {"node": "dong_1", "name": "Đông"}, "dong_1", NOW)
    assert one.id == again.id != event_of(EventKind.NODE_BACK, NOW, {}, "dong_1", NOW).id
    assert "." not in one.id, "the specification signs id.timestamp.body"
    assert b"\xc4\x90\xc3\xb4ng" in again.body


def test_a_file_of_receivers() -> None:
    hooks = webhooks_from(
        '[[webhook]]\ncode = "cong"\nurl = "https://u:p@may.example.vn:8443/nhan?t=kin"\n'
        'events = ["bulletin.approved", "node.silent"]\n[[webhook]]\ncode = "so"\nurl = "http://10.0.0.7/in"\n',
        "webhook.toml",
    )
    assert [hook.code for hook in hooks] == ["cong", "so"]
    assert hooks[0].events == {EventKind.BULLETIN_APPROVED, EventKind.NODE_SILENT}
    assert hooks[0].shown == "https://may.example.vn:8443"
    assert hooks[1].events == frozenset(EventKind) - {EventKind.TEST}
    assert webhooks_from("", "webhook.toml") == ()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("[[webhook]", ["webhook.syntax"]),
        ("webhook = 3", ["field.table"]),
        ('[webhook]\ncode = "a"', ["field.table"]),
        ('[[webhook]]\nurl = "https://a.vn"', ["field.required"]),
        ('[[webhook]]\ncode = "a"', ["field.required"]),
        ('[[webhook]]\ncode = "a"\nurl = "ftp://a.vn"', ["webhook.url"]),
        ('[[webhook]]\ncode = "a"\nurl = "https://"', ["webhook.url"]),
        ('[[webhook]]\ncode = "a"\nurl = "https://a.vn:99999/"', ["webhook.url"]),
        ('[[webhook]]\ncode = "a"\nurl = "https://[::1"', ["webhook.url"]),
        ('[[webhook]]\ncode = "a"\nurl = "https://a.vn"\nevents = ["bulletin.aproved"]', ["field.choice"]),
        ('[[webhook]]\ncode = "a"\nurl = "https://a.vn"\nevents = ["test"]', ["field.choice"]),
        ('[[webhook]]\ncode = "a"\nurl = "https://a.vn"\nsecret = "x"', ["field.unknown"]),
        ('[[webhook]]\ncode = "a"\nurl = "https://a.vn"\n' * 2, ["field.duplicate"]),
        ('[[webhook]]\ncode = "../a"\nurl = "https://a.vn"', ["field.code"]),
        ("".join(f'[[webhook]]\ncode = "a{n}"\nurl = "https://a.vn"\n' for n in range(21)), ["webhook.many"]),
    ],
)
def test_every_fault_of_the_file_is_told(text: str, codes: list[str]) -> None:
    with pytest.raises(ConfigError) as told:
        webhooks_from(text, "webhook.toml")
    assert told.value.code == "webhook.invalid"
    assert [finding.code for finding in told.value.findings] == codes


def test_what_is_kept_comes_back_equal() -> None:
    message = Message("cong", "msg_1", '{"a":"ắ"}', EventKind.TEST, NOW, 3, NOW, "Timeout")
    assert message_from(message_text(message)) == message
    marks = Marks(NOW, 7, {"dong_1": 3}, {"dong_1": 9}, {"dong_1": NOW.isoformat()}, {"msg_1": NOW.isoformat()})
    assert marks_from(marks_text(marks)) == marks
    assert marks_from(marks_text(Marks())) == Marks()
    standing = Standing(NOW, "test", NOW, "HTTP 500", 2, NOW)
    assert standing_from(plain(standing)) == standing
    for read in (message_from, marks_from, standing_from):
        with pytest.raises(ValueError):  # noqa: PT011 - it carries nothing
            read("[]")


def test_a_receiver_shows_no_password() -> None:
    assert "kin" not in Webhook("a", "https://ten:kin@a.vn/kin?kin=kin", frozenset()).shown
