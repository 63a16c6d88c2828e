"""Piper in a process of its own, behind `adapters/worker_process.py`.

piper-tts is GPL-3 and carries espeak-ng, so no part of it is loaded into the product. A request names the files; signed
16-bit little-endian samples follow the answer:

    -> {"text": "Kính mời bà con", "model": "/…/a.onnx", "config": "/…/a.onnx.json", "length_scale": 1.0}
    <- {"rate": 22050, "again": true}

This file uses the standard library, `piper` and `onnxruntime` alone and runs by its path.
"""

import json
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

SEED = 1


class Speaker:
    """The voice that spoke last, its weights kept in memory."""

    def __init__(self) -> None:
        self._loaded: tuple[str, str] = ("", "")
        self._voice: Any = None
        self._weights = b""

    def speak(self, request: dict[str, Any]) -> tuple[int, bytes]:
        """The rate and the samples of a request.

        Every request has a session of its own, without the optimiser that would make it slow: the network draws noise
        from a generator that goes on from sentence to sentence, and the same request must give the same bytes.
        """
        import onnxruntime
        from piper import PiperVoice, SynthesisConfig
        from piper.config import PiperConfig

        # A path with letters that the C library's narrow `fopen` cannot say must not reach espeak-ng's data loader.
        wanted = (request["model"], request["config"])
        package = Path(sys.modules[PiperVoice.__module__].__file__ or "").parent
        os.chdir(package)
        if self._loaded != wanted:
            config = json.loads(Path(wanted[1]).read_text(encoding="utf-8"))
            self._weights = Path(wanted[0]).read_bytes()
            self._voice = PiperVoice(
                config=PiperConfig.from_dict(config), session=None, espeak_data_dir=Path("espeak-ng-data")
            )
            self._loaded = wanted
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        onnxruntime.set_seed(SEED)
        try:
            self._voice.session = onnxruntime.InferenceSession(
                self._weights, sess_options=options, providers=["CPUExecutionProvider"]
            )
        except Exception:
            self._loaded = ("", "")  # a file that was half copied may be whole by the next request
            raise
        # [[…]] would be taken for phonemes.
        text = request["text"].replace("[[", " ").replace("]]", " ")
        scale = float(request["length_scale"]) * self._voice.config.length_scale
        chunks = self._voice.synthesize(text, SynthesisConfig(length_scale=scale))
        samples = b"".join(chunk.audio_int16_array.astype("<i2", copy=False).tobytes() for chunk in chunks)
        return int(self._voice.config.sample_rate), samples


@cache
def speaker() -> Speaker:
    """The one of this process."""
    return Speaker()


def answer(request: dict[str, Any], _payload: bytes) -> tuple[dict[str, Any], bytes]:
    """The header and the samples for one request."""
    try:
        rate, samples = speaker().speak(request)
    except Exception as error:  # noqa: BLE001 - the edge to two packages and a stranger's file
        name = Path(str(request.get("model", ""))).name
        why = f"{name}: {type(error).__name__}: {error}".splitlines()[0]
        return {"error": "broken", "why": why, "again": True}, b""
    return {"rate": rate, "again": True}, samples
