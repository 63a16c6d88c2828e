"""The viet-asr library in a process of its own, behind `adapters/worker_process.py`.

It writes to the console from C++, and what brings it down must not bring a station down. A request, which 16-bit
little-endian mono samples at 16 kHz follow, and its answer:

    -> {"bytes": 96000}
    <- {"text": "kính mời bà con", "again": true}

This file uses the standard library, numpy and `vietasr` alone and runs by its path.
"""

from functools import cache
from typing import Any

RATE = 16_000.0


@cache
def pipeline() -> Any:
    """The network, loaded at the first request; half a second."""
    import vietasr

    return vietasr.Pipeline.new().add("vietasr").build()


def answer(_request: dict[str, Any], samples: bytes) -> tuple[dict[str, Any], bytes]:
    """The header for one request; no bytes follow it."""
    import numpy as np

    try:
        text = pipeline().transcribe(np.frombuffer(samples, "<i2").astype(np.int16), RATE).text
    except (ImportError, OSError, AttributeError, RuntimeError, ValueError) as error:
        return {"error": "broken", "why": f"{type(error).__name__}: {error}", "again": False}, b""
    return {"text": text, "again": True}, b""
