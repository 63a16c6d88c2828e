"""Cold start of `broadcaster --help` against a bare lazy click group, in one run: medians and their ratio.

The bar (issue A): at most 1.5 times the bare group. `--json` prints one object of figures.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BARE = """
import sys, click
class Lazy(click.Group):
    def list_commands(self, ctx): return ["one", "two"]
    def get_command(self, ctx, name): return None
    def format_commands(self, ctx, formatter):
        with formatter.section("Commands"):
            formatter.write_dl([("one", "First"), ("two", "Second")])
@click.group(cls=Lazy)
def root(): "A bare lazy group."
root(["--help"])
"""


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """Wall time of one whole process."""
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - begin


def main() -> None:
    """Measure, alternating, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=25)
    chosen = parser.parse_args()
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    with tempfile.TemporaryDirectory() as folder:
        bare_file = Path(folder) / "bare.py"
        bare_file.write_text(BARE, encoding="utf-8")
        bare = [sys.executable, str(bare_file)]
        ours = [sys.executable, "-m", "broadcaster", "--help"]
        for command in (bare, ours):
            seconds(command, environment)
        pairs = [(seconds(ours, environment), seconds(bare, environment)) for _ in range(chosen.rounds)]
    figures = {
        "help_ms": round(1000 * statistics.median(pair[0] for pair in pairs), 1),
        "bare_click_ms": round(1000 * statistics.median(pair[1] for pair in pairs), 1),
        "ratio": round(statistics.median(a / b for a, b in pairs), 3),
        "rounds": chosen.rounds,
    }
    if chosen.json:
        print(json.dumps(figures))
    else:
        print(f"broadcaster --help {figures['help_ms']} ms, bare lazy click {figures['bare_click_ms']} ms, ", end="")
        print(f"ratio {figures['ratio']}")


if __name__ == "__main__":
    main()
