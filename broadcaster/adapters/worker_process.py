"""The child's end of `worker.py`: `python worker_process.py SCRIPT` answers requests with the `answer` of a script.

One JSON line in and as many bytes as it says, one JSON line out and as many bytes as that says:

    -> {"voice": "vi", "text": "Kính mời bà con", "bytes": 0}
    <- {"again": true, "rate": 22050, "bytes": 40536}    and 40536 bytes

`answer(request, payload)` gives such a header and its bytes. `again` false says that this process is spent and the next
request needs a new one. The end of the input ends it.

This file uses the standard library alone: it runs by its path, beside libraries that the product does not load.
"""

import contextlib
import importlib.util
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

Answer = Callable[[dict[str, Any], bytes], tuple[dict[str, Any], bytes]]


def answer_of(script: str) -> Answer:
    """The function `answer` of a Python file."""
    spec = importlib.util.spec_from_file_location("worker_script", script)
    if spec is None or spec.loader is None:
        raise SystemExit(2)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Answer = module.answer
    return found


def main(script: str) -> int:
    """Answer requests until the input ends or the process is spent."""
    # Ctrl-C goes to the whole console group; this process ends when its parent closes the pipe, after its request.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests = sys.stdin.buffer
    # A message that a library prints must not fall into an answer: its standard output becomes the error output.
    sys.stdout.flush()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    answer = answer_of(script)
    with contextlib.suppress(BrokenPipeError), answers:
        for line in requests:
            header, body = _answered(answer, line, requests.read)
            answers.write(json.dumps({**header, "bytes": len(body)}).encode() + b"\n" + body)
            answers.flush()
            if not header["again"]:
                break
    return 0


def _answered(answer: Answer, line: bytes, read: Callable[[int], bytes]) -> tuple[dict[str, Any], bytes]:
    try:
        request = json.loads(line)
        payload = read(int(request.get("bytes", 0)))
    except (AttributeError, TypeError, ValueError) as error:
        # Nobody knows how many bytes of a request follow that could not be read: a new process begins anew.
        return {"error": "broken", "why": f"{type(error).__name__}: {error}", "again": False}, b""
    return answer(request, payload)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
