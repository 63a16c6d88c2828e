"""Google Translate's voice through the gTTS package: good to hear, online, and without any promise by Google.

gTTS packs the request. The sending is done here, because gTTS switches the check of the server's certificate off, waits
for ever by default, and reports every failure as the same error.
"""

import base64
import binascii
import io
import json
import threading
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any
from urllib.parse import urlsplit

from broadcaster.adapters import clock
from broadcaster.adapters.tts.request import checked
from broadcaster.adapters.tts.stretch import stretched
from broadcaster.domain.reading import parts_of
from broadcaster.domain.take import Sound, SpeechRequest, Voice
from broadcaster.errors import RetryableSpeechError, SpeechError

LONGEST_PART = 100
"""Characters that Google Translate speaks at a time."""

_RECIPE = "2"
_VOICES = (Voice("gtts", "vi", region="bac", sex="nu"),)
_ROW = '["wrb.fr","jQ1olc",'
_LONGEST_WAIT = 30.0
_TOO_MANY = 429
_SERVER_FAULT = range(500, 600)
_REDIRECT = range(300, 400)
_FINE = 200


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for an answer, how often to ask, and when to stop asking for a while."""

    connect_seconds: float = 5.0
    read_seconds: float = 15.0
    tries: int = 3
    first_wait: float = 1.0
    failures_until_rest: int = 3
    rest_seconds: float = 120.0


class GttsEngine:
    """One connection to Google Translate; sentences queue, for several at once only bring the 429 nearer."""

    name = "gtts"
    deterministic = False
    online = True

    def __init__(
        self,
        base_url: str = "https://translate.google.com",
        patience: Patience | None = None,
        sleep: Callable[[float], None] = clock.sleep,
        monotonic: Callable[[], float] = clock.monotonic,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._patience = patience or Patience()
        self._sleep = sleep
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._session: Any = None
        self._failures = 0
        self._rests_until = 0.0
        self._last_code = ""

    def version(self) -> str:
        """The package's version; what Google changes behind it cannot be known.

        Raises:
            SpeechError: `speech.broken` if the package is not installed.
        """
        try:
            return f"{metadata.version('gTTS')}+{_RECIPE}"
        except metadata.PackageNotFoundError as error:
            raise SpeechError("speech.broken", engine=self.name, detail="gTTS is not installed") from error

    def voices(self) -> Sequence[Voice]:
        """One: a woman of the north.

        Raises:
            SpeechError: as `version`.
        """
        self.version()
        return _VOICES

    def speak(self, request: SpeechRequest) -> Sound:
        """Speech, part by part. Google has one pace; another speed is made by stretching.

        Raises:
            SpeechError: see the port; `speech.broken` for a word that is longer than Google takes.
            RetryableSpeechError: see the port.
        """
        voice = checked(request, _VOICES, self.name)
        pieces = parts(request.spoken)
        with self._lock:
            self._check_rest()
            try:
                joined = _joined([self._part(piece, voice.name) for piece in pieces])
            except RetryableSpeechError as error:
                self._note_failure(error.code)
                raise
            self._failures = 0
        return stretched(joined, request.speed)

    def close(self) -> None:
        """Close the connection; the next sentence would open another."""
        with self._lock:
            if self._session is not None:
                self._session.close()
                self._session = None

    def _check_rest(self) -> None:
        left = self._rests_until - self._monotonic()
        if self._failures >= self._patience.failures_until_rest and left > 0:
            raise RetryableSpeechError(self._last_code, engine=self.name, rests_seconds=round(left, 1))

    def _note_failure(self, code: str) -> None:
        self._failures += 1
        self._last_code = code
        # After the rest one sentence is tried; if it fails too, the next rest begins at once.
        self._rests_until = self._monotonic() + self._patience.rest_seconds

    def _part(self, text: str, language: str) -> Sound:
        wait = self._patience.first_wait
        for left in reversed(range(self._patience.tries)):
            response = self._send(text, language)
            status = int(response.status_code)
            if status == _FINE:
                return _decoded(response.content)
            sorry = status in _REDIRECT and "sorry" in str(response.headers.get("Location", ""))
            if status != _TOO_MANY and status not in _SERVER_FAULT and not sorry:
                raise RetryableSpeechError("speech.protocol", engine=self.name, status=status, detail=f"HTTP {status}")
            if not left:
                code = "speech.offline" if status in _SERVER_FAULT else "speech.throttled"
                raise RetryableSpeechError(code, engine=self.name, status=status)
            self._sleep(_asked_wait(response.headers.get("Retry-After"), wait))
            wait *= 2
        raise SpeechError("speech.broken", engine=self.name, detail="patience allows no try")

    def _send(self, text: str, language: str) -> Any:
        import requests

        if self._session is None:
            self._session = requests.Session()
        prepared = _prepared(text, language, self._base_url)
        settings = self._session.merge_environment_settings(prepared.url, {}, None, None, None)
        timeout = (self._patience.connect_seconds, self._patience.read_seconds)
        try:
            return self._session.send(prepared, timeout=timeout, allow_redirects=False, **settings)
        except requests.exceptions.RequestException as error:
            why = type(error).__name__
            raise RetryableSpeechError("speech.offline", engine=self.name, detail=why) from error


def parts(spoken: str) -> list[str]:
    """The sentence in parts that Google takes, cut where the reading would breathe.

    Raises:
        SpeechError: `speech.broken` if one word alone is too long.
    """
    try:
        return parts_of(unicodedata.normalize("NFC", spoken), LONGEST_PART)
    except ValueError as error:
        raise SpeechError("speech.broken", engine="gtts", detail="a word is too long", word=str(error)) from error


def _prepared(text: str, language: str, base_url: str) -> Any:
    """The request as gTTS packs it, to the wanted address. One part in, one request out."""
    import gtts

    packed = gtts.gTTS(text, lang=language, lang_check=False, pre_processor_funcs=[], tokenizer_func=_as_it_is)
    requests = packed._prepare_requests()  # noqa: SLF001 - the package's own step before it sends
    if len(requests) != 1:
        raise SpeechError("speech.broken", engine="gtts", detail="gTTS split a part", spoken=text)
    prepared = requests[0]
    prepared.prepare_url(base_url + urlsplit(prepared.url).path, None)
    return prepared


def _as_it_is(text: str) -> list[str]:
    return [text]


def _decoded(body: bytes) -> Sound:
    """The sound in an answer.

    Raises:
        RetryableSpeechError: `speech.protocol` for an answer of another shape.
    """
    import numpy as np
    import soundfile

    try:
        data = base64.b64decode(_audio(body.decode("utf-8", "replace")), validate=True)
        samples, rate = soundfile.read(io.BytesIO(data), dtype="int16", always_2d=True)
    except (binascii.Error, soundfile.LibsndfileError, RuntimeError) as error:
        raise RetryableSpeechError("speech.protocol", engine="gtts", detail=str(error)) from error
    if not len(samples):
        raise RetryableSpeechError("speech.protocol", engine="gtts", detail="an empty sound")
    return Sound(int(rate), np.ascontiguousarray(samples[:, 0]).astype("<i2", copy=False).tobytes())


def _audio(answer: str) -> str:
    """The base64 MP3: JSON within the row with the call's name; rows come on one line or on several."""
    at = answer.find(_ROW)
    try:
        row = json.JSONDecoder().raw_decode(answer, max(at, 0))[0]
        inner = row[2]
        if inner is None:
            raise RetryableSpeechError("speech.protocol", engine="gtts", detail=f"refused: {row[5:6]}")
        (audio,) = json.loads(inner)
    except (ValueError, LookupError, TypeError) as error:
        detail = f"no sound in the answer ({type(error).__name__})"
        raise RetryableSpeechError("speech.protocol", engine="gtts", detail=detail) from error
    if at < 0 or not isinstance(audio, str) or not audio.isascii():
        raise RetryableSpeechError("speech.protocol", engine="gtts", detail="no sound in the answer")
    return audio


def _joined(sounds: Sequence[Sound]) -> Sound:
    rates = {sound.rate for sound in sounds}
    if len(rates) != 1:
        raise RetryableSpeechError("speech.protocol", engine="gtts", detail="parts at several rates")
    return Sound(rates.pop(), b"".join(sound.samples for sound in sounds))


def _asked_wait(header: str | None, wait: float) -> float:
    """What the server asks for in seconds, within reason; its dates are not read."""
    asked = float(header) if header and header.isdecimal() else wait
    return min(max(asked, wait), _LONGEST_WAIT)
