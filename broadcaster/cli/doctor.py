"""`broadcaster doctor`: what works on this machine, and how to mend what does not."""

import click

from broadcaster.cli import DONE, NEEDS_A_PERSON
from broadcaster.cli.console import Console, common


@click.command()
@common
def doctor(console: Console) -> int:
    """Kiểm tra giọng đọc, mã hóa âm thanh, thiết bị, đồng hồ, ổ đĩa, cơ sở dữ liệu; nêu cách sửa.

    Check voices, codecs, sound devices, clock, disk and database, and say how to mend what does not work.
    """
    app = console.app()
    checks = app.examine()
    rows = [
        (
            console.say(f"doctor.{check.what}"),
            console.say("doctor.ok" if check.ok else "doctor.bad" if check.needed else "doctor.absent"),
            check.detail,
            "" if check.ok else console.say(f"mend.{check.what}"),
        )
        for check in checks
    ]
    console.rows("doctor", ["what", "state", "detail", "mend"], rows)
    console.result(checks)
    return NEEDS_A_PERSON if any(check.needed and not check.ok for check in checks) else DONE
