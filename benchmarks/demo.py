"""The whole chain: `broadcaster demo` in an empty folder with the espeak voice, and again when nothing is left to do.

`--json` prints one object: seconds of both runs, seconds of master made, and the ratio of sound to time.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from typing import Any


def run(folder: str) -> tuple[float, dict[str, Any]]:
    """One demo: how long it took, and what it printed."""
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "broadcaster", "demo", "--fast", "--json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return time.perf_counter() - begin, json.loads(done.stdout)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        first, printed = run(folder)
        again, _ = run(folder)
    figures = {
        "demo_s": round(first, 1),
        "demo_again_s": round(again, 1),
        "cluster_hours_played": round(printed["cluster_ms"] / 3_600_000, 2),
        "airings": printed["airings"],
    }
    print(json.dumps(figures) if chosen.json else figures)


if __name__ == "__main__":
    main()
