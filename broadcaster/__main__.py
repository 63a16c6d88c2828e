"""The command `broadcaster`, also as `python -m broadcaster`."""

import os
import sys
from contextlib import suppress
from typing import Any


def _utf8(stream: Any, errors: str = "replace") -> None:
    """Vietnamese on every console, whatever the machine's own encoding is."""
    with suppress(AttributeError, ValueError):
        stream.reconfigure(encoding="utf-8", errors=errors)


def main() -> None:
    """Run the command line and end the process with its exit code."""
    _utf8(sys.stdout)
    _utf8(sys.stderr)
    # NumPy's threads wait for one another by spinning: on a busy machine mastering took three times the processor time
    # with two of them; and their sums are rounded otherwise, so a master would depend on the number of cores. NumPy
    # asks when it is imported.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    _utf8(sys.stdin, "strict")  # letters that cannot be read must not be lost in silence
    from broadcaster.cli import run  # noqa: PLC0415 - streams first, so that even an import error can be read

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
