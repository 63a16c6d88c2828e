"""The plan's commands as a person types them: check, explain, amend and diff, special days, Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.domain.planning.instance import instance_from_json, instance_to_json, solution_from_json
from broadcaster.domain.planning.verify import violations
from tests.cli.test_commands import NEXT, Station, bring_to_approval, next_week, station, write
from tests.planning.cases import random_instance

__all__ = ["station"]


def add_to_station_file(station: Station, text: str) -> None:
    path = station.folder / "schedules" / "station.toml"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_a_special_day_and_a_mute_from_the_file_to_the_rundown(station: Station) -> None:
    tuesday, wednesday = (next_week() + timedelta(days=n) for n in (1, 2))
    add_to_station_file(
        station,
        f"""
[[special_day]]
name = "Quốc tang"
date = {tuesday.isoformat()}
mourning = true
without = ["chieu"]

[[mute]]
zones = ["thon_ha"]
date = {wednesday.isoformat()}
start = "05:30"
end = "07:00"
reason = "Đám tang"
""",
    )
    write(station, "tin")
    write(station, "thong_bao", kind="thông báo", topic="cong_khai_minh_bach", min_consecutive_days="3")
    bring_to_approval(station, "tin", "thong_bao")
    made = station("plan", "week", NEXT, user="van_hoa")
    assert made.returncode in {0, 3}, made.stderr
    rundowns = station.json("plan", "export", "json", NEXT)
    listed = json.loads((station.folder / rundowns[0]).read_text(encoding="utf-8"))
    on_tuesday = [r for r in listed if r["day"] == tuesday.isoformat()]
    assert {r["session"] for r in on_tuesday} == {"sang"}
    assert not [i for r in on_tuesday for i in r["items"] if i["kind"] == "nhac_hieu"]
    assert [i for r in listed for i in r["items"] if i["kind"] == "nhac_hieu"]
    muted = [r for r in listed if (r["day"], r["session"], r["zone"]) == (wednesday.isoformat(), "sang", "thon_ha")]
    assert muted == []
    checked = station("plan", "check", NEXT)
    assert checked.returncode == 0, checked.stderr + checked.stdout
    shown = station("station", "show").stdout
    assert "Quốc tang" in shown
    assert "Đám tang" in shown


def test_explain_and_forecast_and_diff(station: Station) -> None:
    write(station, "tin", repeats="14")
    write(station, "ngan", repeats="3", valid_to=NEXT)
    bring_to_approval(station, "tin", "ngan")
    assert station("plan", "week", NEXT, user="van_hoa").returncode in {0, 3}
    told = station("plan", "explain", NEXT)
    assert told.returncode == 0, told.stderr
    assert "ngan: được 2 trên 3 lượt" in told.stdout
    assert "thời hạn chỉ gồm 2 buổi" in told.stdout
    assert "Cơ chế một cửa" in told.stdout
    assert "So với kỳ gốc" in told.stdout
    assert station.json("plan", "explain", NEXT)["forecast"]["total_ms"] > 0
    write(station, "moi")
    bring_to_approval(station, "moi")
    assert station("plan", "amend", NEXT, "--reason", "Thêm tin mới", user="van_hoa").returncode in {0, 3}
    change = station.json("plan", "diff", NEXT)
    assert (change["from"], change["to"]) == (0, 1)
    assert {slot["bulletin"] for slot in change["in"]} >= {"moi"}
    table = station("plan", "diff", NEXT, "--from", "0", "--to", "1").stdout
    assert "Thêm tin mới" in table
    assert "moi" in table
    wrong = station("plan", "diff", NEXT, "--to", "7")
    assert wrong.returncode == 2
    assert "không có lịch số 7" in wrong.stderr


def test_a_changed_procedure_flags_the_bulletin_that_cites_it(station: Station) -> None:
    write(station, "tam_tru", procedure="Đăng ký tạm trú")
    write(station, "khac")
    bring_to_approval(station, "tam_tru", "khac")
    change = f'\n[[change]]\nwhat = "Đăng ký tạm trú"\nsince = {NEXT}\nsource = "Thông tư mới"\n'
    add_to_station_file(station, change)
    made = station("plan", "week", NEXT, user="van_hoa")
    assert made.returncode == 3
    assert "«Đăng ký tạm trú» đã thay đổi" in made.stdout + made.stderr
    assert {slot["bulletin"] for slot in station.json("plan", "show", NEXT)["slots"]} == {"khac"}


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
def test_progress_is_shown_and_ctrl_c_keeps_the_best_so_far(tmp_path: Path) -> None:
    import pty

    instance = instance_to_json(random_instance(3, sessions=14, zones=8, bulletins=160))
    (tmp_path / "in.json").write_text(json.dumps(instance), encoding="utf-8")
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-m",
        "broadcaster",
        "plan",
        "solve",
        "in.json",
        "--work-limit",
        "3000",
        "-o",
        "out.json",
    ]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=theirs, text=True) as running:
        os.close(theirs)
        seen = b""
        while "Ctrl-C" not in seen.decode("utf-8", "ignore"):
            seen += os.read(ours, 1000)
        running.send_signal(signal.SIGINT)
        assert running.wait(120) == 0
    os.close(ours)
    read = instance_from_json(instance)
    solution = solution_from_json(json.loads((tmp_path / "out.json").read_text(encoding="utf-8")))
    assert solution.airings
    assert not [finding for finding in violations(read, solution) if finding.code != "plan.pinned"]
