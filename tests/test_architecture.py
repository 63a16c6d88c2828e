"""The architecture is a test: the laws of import hold, and a planted violation fails."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LINTER = Path(sys.executable).with_name("lint-imports")


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINTER, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(folder)}
    )


@pytest.fixture
def copy(tmp_path: Path, root: Path) -> Path:
    """The package on its own, to plant violations in."""
    shutil.copytree(root / "broadcaster", tmp_path / "broadcaster", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(root / ".importlinter", tmp_path / ".importlinter")
    return tmp_path


def test_the_laws_of_import_hold(copy: Path) -> None:
    done = _lint(copy)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("domain/asrun.py", "import sqlmodel", "touch no library that acts on the world"),
        ("domain/asrun.py", "import broadcaster.domain.audit", "a later stage may know an earlier one"),
        ("services/auditing.py", "import broadcaster.adapters.files", "Only bootstrap knows the adapters"),
        ("adapters/tts/tone.py", "import broadcaster.adapters.audio.codec", "Adapter families are independent"),
        ("domain/fields.py", "import broadcaster.services.writing", "Downward only"),
        ("domain/audit/result.py", "import highspy", "Only the planner's model knows the solver"),
    ],
)
def test_a_planted_violation_fails(copy: Path, file: str, line: str, contract: str) -> None:
    path = copy / "broadcaster" / file
    path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    done = _lint(copy)
    assert done.returncode != 0
    broken = done.stdout.split("Broken contracts")[-1]
    assert contract in broken


@pytest.mark.parametrize(
    "line",
    [
        "from datetime import datetime\nNOW = datetime.now()",
        "import time\nNOW = time.time()",
        "import time\ntime.sleep(1)",
    ],
)
def test_the_wall_clock_is_refused_outside_its_room(root: Path, line: str) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--select", "TID251", "-"]
    elsewhere = subprocess.run(
        [*command, "--stdin-filename", "broadcaster/domain/asrun.py"],
        input=line,
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    at_home = subprocess.run(
        [*command, "--stdin-filename", "broadcaster/adapters/clock.py"],
        input=line,
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert elsewhere.returncode == 1
    assert "TID251" in elsewhere.stdout
    assert at_home.returncode == 0


HEAVY = (
    "numpy",
    "soundfile",
    "pydub",
    "sqlmodel",
    "sqlalchemy",
    "highspy",
    "gtts",
    "apscheduler",
    "yaml",
    "jinja2",
    "icalendar",
)


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom broadcaster.cli import run\nrun(['--help'])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "bulletin" in done.stdout
