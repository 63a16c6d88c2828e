"""`broadcaster webhook`: the programs that the station tells of what happens."""

import click

from broadcaster.cli import DONE, FAILED, NEEDS_A_PERSON
from broadcaster.cli.console import Console, common
from broadcaster.units import plain


@click.group()
def webhook() -> None:
    """Báo tin cho chương trình khác (webhook): danh sách, gửi thử, khóa ký / Messages to other programs."""


@webhook.command("list")
@common
def list_(console: Console) -> int:
    """Các nơi nhận và tình trạng gửi. Mã thoát 3 khi có nơi không nhận được / The receivers."""
    app = console.app()
    hooks = app.webhooks.hooks()
    rows, told = [], []
    for hook in hooks:
        standing, waiting = app.webhooks.standing(hook.code), app.webhooks.waiting(hook.code)
        last = app.station.local(standing.delivered_at).strftime("%H:%M %d/%m/%Y") if standing.delivered_at else "–"
        code, facts = app.webhooks.state(hook.code, console.language)
        state = console.say(code, **facts)
        rows.append((hook.code, hook.shown, state, last, waiting, standing.given_up))
        events = sorted(kind.value for kind in hook.events)
        told.append({"code": hook.code, "address": hook.shown, "events": events, "waiting": waiting, **plain(standing)})
    if not hooks:
        console.print("webhook.none", file=app.workspace.webhook_file)
    else:
        console.rows("webhooks", ["code", "address", "state", "delivered", "waiting", "given_up"], rows)
    console.result(told)
    return NEEDS_A_PERSON if app.webhooks.troubled() else DONE


@webhook.command()
@click.argument("code")
@common
def test(console: Console, code: str) -> int:
    """Gửi một tin thử ngay và chờ trả lời; mã thoát 1 khi không nhận / Send a test now."""
    app = console.app()
    hook = app.webhooks.hook(code)
    app.webhooks.secrets.of(hook.code)  # what is missing is said before anything is laid out
    message, _ = app.webhooks.send_test(hook, app.settings.user)
    standing = app.webhooks.standing(hook.code)
    why = app.webhooks.state(hook.code, console.language)[1].get("why", "")
    console.print("webhook.not_taken" if why else "webhook.taken", hook=hook.code, why=why)
    console.result({"id": message.id, "taken": not standing.why, "why": standing.why})
    return FAILED if standing.why else DONE


@webhook.command()
@click.argument("code")
@common
def secret(console: Console, code: str) -> None:
    """Khóa ký của một nơi nhận; chưa có thì tạo / A receiver's secret, made where there is none."""
    app = console.app()
    hook = app.webhooks.hook(code)
    made = app.webhooks.secret(hook.code)
    console.print("webhook.made", hook=hook.code, secret=made)
    console.result({"hook": hook.code, "secret": made})
