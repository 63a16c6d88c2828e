"""Learn what the network is told for Vietnamese sounds: writes `learned.npz` and `styles.npz` of the engine.

    python training/learn.py OUT [--start FOLDER] [--speaker minh] [--minutes 60] [--steps 500]

Two processes make sentences of the part `train` and let the teachers judge them; a third adds up what they say. What is
moved: the features and the energy of each sound and tone, the speaker's style, the balance of the decoder's layers.
Every ten sentences the files are written. About 7 s a sentence on two cores, 6.5 GB of memory for each process.
"""

import argparse
import csv
import json
import math
import multiprocessing
import random
import time
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
import torchaudio
from ears import RATE as EAR_RATE
from ears import VietAsr, Whisper
from floats import Network
from lessons import Lesson, lessons, varied
from places import RATE, Place
from torch import Tensor
from torch.nn import functional

from broadcaster.adapters.tts.kokoro_vi import engine, graph
from broadcaster.adapters.tts.kokoro_vi.learned import TONE_ROWS
from broadcaster.adapters.tts.kokoro_vi.phones import NORTH, SOUTH

SENTENCES = Path(__file__).parents[1] / "benchmarks" / "sentences_vi.tsv"
SOURCE = "/decoder/decoder/generator/Concat_3_output_0"
"""The harmonics of the pitch: made by the runtime, because their phase of nothing has no gradient."""
FEATURES, TONES = 512, TONE_ROWS
PACE = {
    "sound_features": 0.012,
    "tone_features": 0.012,
    "sound_energy": 0.06,
    "tone_energy": 0.06,
    "style": 0.002,
    "balance": 0.003,
}
"""Largest step of each part at a time."""
VILLAGE, NEAR, SECOND = 0.8, 0.25, 0.8
"""How often viet-asr hears a sentence in the village and near the horn, and Whisper near the horn."""
SECOND_WEIGHT = 0.35
BEND = 0.8
_SPEAKERS = {"minh": ("minh", NORTH), "lan": ("lan", NORTH), "minh-nam": ("minh", SOUTH), "lan-nam": ("lan", SOUTH)}


@dataclass(frozen=True)
class Plan:
    """What is learned: for each part its place in one row of floats and its shape; the names of the rows.

    `balanced` are the decoder's own values that a speaker's balance is added to, by name.
    """

    places: dict[str, tuple[int, int, tuple[int, ...]]]
    sounds: list[str]
    speakers: list[str]
    balanced: dict[str, Tensor]

    @property
    def size(self) -> int:
        """Floats in all."""
        return max(end for _, end, _ in self.places.values())

    def parts(self, row: Tensor) -> dict[str, Tensor]:
        """Each part in its shape."""
        return {name: row[start:end].reshape(shape) for name, (start, end, shape) in self.places.items()}


def planned(sounds: list[str], speakers: list[str], balanced: dict[str, Tensor]) -> Plan:
    """Sounds and tones are everybody's; style and balance are a speaker's."""
    shapes: dict[str, tuple[int, ...]] = {
        "sound_features": (len(sounds), FEATURES),
        "tone_features": (TONES, FEATURES),
        "sound_energy": (len(sounds),),
        "tone_energy": (TONES,),
    }
    for speaker in speakers:
        shapes[f"style:{speaker}"] = (128,)
        shapes[f"balance:{speaker}"] = (sum(map(Tensor.numel, balanced.values())),)
    places, at = {}, 0
    for name, shape in shapes.items():
        places[name] = (at, at + math.prod(shape), shape)
        at += math.prod(shape)
    return Plan(places, sounds, speakers, balanced)


class Teacher:
    """One process: speaks a lesson with what has been learned so far and says where it should go."""

    def __init__(self, plan: Plan, seed: int) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(seed)
        self._plan, self._chance, self._numbers = plan, random.Random(seed), np.random.default_rng(seed)
        folder = graph.parts()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._runtime = onnxruntime.InferenceSession(str(folder / "encoder.onnx"), options)
        self._features = onnxruntime.InferenceSession(str(folder / "features.onnx"), options)
        self._source = onnxruntime.InferenceSession(str(_source_file(folder)), options)
        self._encoder, self._decoder = Network(folder / "encoder.onnx"), Network(folder / "decoder.onnx")
        self._place, self._first, self._second = Place(), VietAsr(), Whisper()
        self._rows = {name: row for row, name in enumerate(plan.sounds)}

    def judged(self, lesson: Lesson, row: Tensor) -> tuple[Tensor, dict[str, Any]]:
        """The gradient at `row`, what was heard: each ear's loss for a word, each syllable's scores and changes."""
        own = {name: part.clone().requires_grad_() for name, part in self._plan.parts(row).items()}
        frames, drawn, changes = varied(lesson, self._numbers, BEND)
        near = self._place.chained(
            functional.pad(self._spoken(lesson, own, frames, drawn), (RATE // 2, 3 * RATE // 10))
        )
        # The sound is cut from its making: each ear leaves its gradient at the samples, which then goes down once.
        sound = near.detach().requires_grad_()
        heard: dict[str, Any] = {"words": lesson.words, "changes": changes}
        count = len(lesson.words)
        if self._chance.random() < VILLAGE:
            far = self._place.village(
                sound, self._chance.uniform(-10, -6), self._chance.uniform(0.22, 0.28), self._chance.uniform(8, 13)
            )
            self._listened("village", far, lesson, heard)
        if self._chance.random() < NEAR:
            self._listened("near", functional.pad(sound, (RATE // 2, 0)), lesson, heard)
        if self._chance.random() < SECOND:
            late = functional.pad(_at_ear(sound) * self._chance.uniform(0.7, 2.5), (self._chance.randrange(4000), 0))
            loss = self._second.loss(late, lesson.sentence) / count
            heard["second"] = loss.item()
            (SECOND_WEIGHT * loss).backward()
        if sound.grad is not None:
            near.backward(sound.grad)
        gradient = [torch.zeros_like(part) if part.grad is None else part.grad for part in own.values()]
        return torch.cat([one.reshape(-1) for one in gradient]), heard

    def _listened(self, name: str, sound: Tensor, lesson: Lesson, heard: dict[str, Any]) -> None:
        quiet = self._chance.randrange(6400), 9600
        loss, scores = self._first.loss(functional.pad(_at_ear(sound), quiet), lesson.words)
        heard[name], heard[f"{name}_scores"] = loss.item() / len(lesson.words), [round(one, 3) for one in scores]
        (loss / len(lesson.words)).backward()

    def _spoken(self, lesson: Lesson, own: dict[str, Tensor], frames: Any, drawn: Any) -> Tensor:
        lasting = frames.astype(np.float32).reshape(1, -1)
        features = self._features.run(None, {"tokens": lesson.tokens})[0]
        given = {"tokens": lesson.tokens, "style": lesson.style, graph.FRAMES: lasting, graph.FEATURES: features}
        _, proposed, energy = self._runtime.run([graph.HIDDEN, graph.PITCH, graph.ENERGY], given)
        track = drawn(proposed)
        rows = torch.tensor([self._rows[name] for name in lesson.sounds])
        tones = torch.tensor([TONES if tone < 0 else tone for tone in lesson.tones])
        tone_features = torch.cat([own["tone_features"], torch.zeros(1, FEATURES)])[tones]
        tone_energy = torch.cat([own["tone_energy"], torch.zeros(1)])[tones]
        moved = torch.from_numpy(features) + own["sound_features"][rows] + tone_features
        louder = torch.repeat_interleave(own["sound_energy"][rows] + tone_energy, torch.from_numpy(2 * frames).long())
        style = torch.from_numpy(lesson.style)
        (hidden,) = self._encoder.run(
            {
                "tokens": torch.from_numpy(lesson.tokens),
                "style": style,
                graph.FRAMES: torch.from_numpy(lasting),
                graph.FEATURES: moved,
            },
            (graph.HIDDEN,),
        )
        balanced = self._plan.balanced
        balance = torch.split(own[f"balance:{lesson.speaker}"], [len(kept) for kept in balanced.values()])
        styled = torch.cat([style[:, :128] + own[f"style:{lesson.speaker}"], style[:, 128:]], 1)
        given = {
            graph.HIDDEN: hidden,
            graph.PITCH: torch.from_numpy(track),
            graph.ENERGY: torch.from_numpy(energy) + louder,
            "style": styled,
            SOURCE: torch.from_numpy(self._source.run(None, {graph.PITCH: track})[0]),
        }
        for (name, kept), moving in zip(balanced.items(), balance, strict=True):
            given[name] = kept + moving
        return self._decoder.run(given, ("audio",))[0].reshape(-1)


def _at_ear(sound: Tensor) -> Tensor:
    return torchaudio.functional.resample(sound, RATE, EAR_RATE, lowpass_filter_width=12)


def _source_file(folder: Path) -> Path:
    from onnx.utils import extract_model

    made = folder.parent / f"{folder.name}-source.onnx"
    if not made.exists():
        extract_model(str(folder / "decoder.onnx"), str(made), [graph.PITCH], [SOURCE], check_model=False)
    return made


def _taught(plan: Plan, mine: list[Lesson], row: Tensor, answers: Any, seed: int) -> None:
    """A process's whole life."""
    teacher, chance, order = Teacher(plan, seed), random.Random(seed), []
    while True:
        if not order:
            order = list(range(len(mine)))
            chance.shuffle(order)
        gradient, heard = teacher.judged(mine[order.pop()], row)
        if torch.isfinite(gradient).all():
            answers.put((gradient.numpy(), heard))


def learn(out: Path, found: list[Lesson], plan: Plan, row: Tensor, *, steps: int, minutes: float, seed: int) -> None:
    """Adam with a step for each sentence; the step shrinks along a half cosine until time or steps are over."""
    context = multiprocessing.get_context("spawn")
    row.share_memory_()
    answers = context.Queue(maxsize=4)
    workers = [
        context.Process(target=_taught, args=(plan, found[at::2], row, answers, 2 * seed + at), daemon=True)
        for at in (0, 1)
    ]
    for worker in workers:
        worker.start()
    pace = torch.cat(
        [torch.full((end - start,), PACE[name.partition(":")[0]]) for name, (start, end, _) in plan.places.items()]
    )
    first, second = torch.zeros(plan.size), torch.zeros(plan.size)
    begun = time.monotonic()
    told: dict[str, list[float]] = {"village": [], "near": [], "second": []}
    with (out / "heard.jsonl").open("a", encoding="utf-8") as log:
        for step in range(1, steps + 1):
            gradient, heard = answers.get()
            json.dump(heard, log, ensure_ascii=False)
            log.write("\n")
            for name in told.keys() & heard.keys():
                told[name].append(heard[name])
            gone = torch.from_numpy(gradient)
            first.mul_(0.9).add_(gone, alpha=0.1)
            second.mul_(0.98).addcmul_(gone, gone, value=0.02)
            done = max(step / steps, (time.monotonic() - begun) / 60 / minutes)
            much = min(1, step / 20) * (0.05 + 0.475 * (1 + math.cos(math.pi * min(1, done))))
            row.sub_(pace * much * (first / (1 - 0.9**step)) / (torch.sqrt(second / (1 - 0.98**step)) + 1e-8))
            if step % 10 == 0 or done >= 1:
                write(out, plan, row)
                print(
                    step,
                    {name: round(float(np.mean(losses[-40:] or [0])), 3) for name, losses in told.items()},
                    flush=True,
                )
            if done >= 1:
                break
    for worker in workers:
        worker.terminate()


def write(out: Path, plan: Plan, row: Tensor) -> None:
    """The two files as the engine reads them; what was not learned stays as it is shipped."""
    parts = {name: part.numpy() for name, part in plan.parts(row).items()}
    kept = dict(_shipped("learned.npz"))
    was = {str(name): at for at, name in enumerate(kept["sounds"])}
    rows = sorted({*was, *plan.sounds})
    for name in ("sound_features", "sound_energy"):
        whole = np.zeros((len(rows), *kept[name].shape[1:]), np.float32)
        for at, sound in enumerate(rows):
            whole[at] = parts[name][plan.sounds.index(sound)] if sound in plan.sounds else kept[name][was[sound]]
        kept[name] = whole
    kept["sounds"] = np.array(rows)
    kept |= {name: parts[name] for name in ("tone_features", "tone_energy")}
    styles = {name: style.astype(np.float32) for name, style in _shipped("styles.npz").items()}
    own = torch.cat([*plan.balanced.values()]).numpy()
    for speaker in plan.speakers:
        kept[f"balance_{speaker}"] = own + parts[f"balance:{speaker}"]
        styles[speaker][:, :128] += parts[f"style:{speaker}"]
    halves = {name: value if name == "sounds" else value.astype(np.float16) for name, value in kept.items()}
    np.savez_compressed(out / "learned.npz", **halves)
    np.savez_compressed(out / "styles.npz", **{name: style.astype(np.float16) for name, style in styles.items()})
    np.save(out / "row.npy", row.numpy())


def _shipped(name: str) -> dict[str, Any]:
    with (resources.files(engine.__package__) / name).open("rb") as file, np.load(file) as kept:
        return {key: kept[key] for key in kept.files}


def shipped_row(plan: Plan) -> Tensor:
    """Where learning begins: at what the engine has. A style begins at the shipped one, where nothing is added."""
    kept = _shipped("learned.npz")
    was = {str(name): at for at, name in enumerate(kept["sounds"])}
    own = torch.cat([*plan.balanced.values()]).numpy()
    row = torch.zeros(plan.size)
    parts = plan.parts(row)
    for name in ("sound_features", "sound_energy"):
        for at, sound in enumerate(plan.sounds):
            if sound in was:
                parts[name][at] = torch.from_numpy(np.asarray(kept[name][was[sound]], np.float32))
    for name in ("tone_features", "tone_energy"):
        parts[name].copy_(torch.from_numpy(kept[name].astype(np.float32)))
    for speaker in plan.speakers:
        parts[f"balance:{speaker}"].copy_(torch.from_numpy(kept[f"balance_{speaker}"].astype(np.float32) - own))
    return row


def main() -> None:
    """Read the flags, learn, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--speaker", action="append", choices=sorted(_SPEAKERS), default=[])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        sentences = [one["sentence"] for one in csv.DictReader(file, delimiter="\t") if one["part"] == "train"]
    whole, styles = graph.Graph(), _shipped("styles.npz")
    found: list[Lesson] = []
    for voice in options.speaker or ["minh"]:
        style, accent = _SPEAKERS[voice]
        found += lessons(whole, styles[style].astype(np.float32), style, accent, sentences)
    decoder = Network(graph.parts() / "decoder.onnx")
    balanced = {name: decoder.constants[name] for name in sorted(decoder.weights) if name.endswith(graph.BALANCE)}
    sounds = sorted({name for lesson in found for name in lesson.sounds})
    plan = planned(sounds, sorted({lesson.speaker for lesson in found}), balanced)
    print(f"{len(found)} sentences, {len(sounds)} sounds, {plan.size} floats", flush=True)
    row = shipped_row(plan)
    learn(options.out, found, plan, row, steps=options.steps, minutes=options.minutes, seed=options.seed)


if __name__ == "__main__":
    main()
