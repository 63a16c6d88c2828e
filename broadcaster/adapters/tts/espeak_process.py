"""The espeak-ng library in a process of its own, behind `adapters/worker_process.py`.

espeak-ng is GPL-3 and keeps its state in global variables, so it lives behind a pipe: no part of it is loaded into the
product, and nothing else runs beside it. A request, and its answer, which signed 16-bit little-endian samples follow:

    -> {"text": "Kính mời bà con", "voice": "vi", "words_per_minute": 175}
    <- {"rate": 22050, "again": true}
    <- {"error": "voice", "again": true}

This file uses the standard library and `espeakng_loader` alone and runs by its path.
"""

import _ctypes
import ctypes
import os
import sys
from pathlib import Path
from typing import Any

_AUDIO_OUTPUT_SYNCHRONOUS = 2
_INITIALIZE_DONT_EXIT = 0x8000
_CHARS_UTF8 = 1
_POS_CHARACTER = 1
_RATE = 1
_OK = 0

_SynthCallback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Espeak:
    """One load of the library for one sentence.

    espeak-ng carries the phase of its voice and its flutter from one sentence into the next, through
    `espeak_Terminate` too, so the same words sound a little different the second time. Unloading the library is what
    resets it, at 3 ms a sentence: the same request then gives the same bytes whatever was said before.
    """

    def __init__(self, library: str, data: str) -> None:
        # The path of the data goes through the C library's narrow `fopen`, which on Windows cannot say "Đức" in
        # C:\Users\Đức. Standing in the folder and naming it "." avoids the matter.
        os.chdir(Path(data).parent)
        self._path = library
        self._library = ctypes.CDLL(library)
        self.rate = int(
            self._library.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, 0, b".", _INITIALIZE_DONT_EXIT),
        )
        if self.rate <= 0:
            msg = f"espeak_Initialize gave {self.rate}"
            raise OSError(msg)

    def speak(self, text: str, voice: str, words_per_minute: int) -> bytes | None:
        """Signed 16-bit samples in the machine's byte order; None for an unknown voice."""
        samples = bytearray()

        def take(wave: Any, count: int, _events: Any) -> int:
            if wave and count:
                samples.extend(ctypes.string_at(wave, 2 * count))
            return 0

        callback = _SynthCallback(take)
        if self._library.espeak_SetVoiceByName(voice.encode()) != _OK:
            return None
        self._library.espeak_SetSynthCallback(callback)
        self._library.espeak_SetParameter(_RATE, words_per_minute, 0)
        spoken = text.encode()
        status = self._library.espeak_Synth(
            spoken, ctypes.c_size_t(len(spoken) + 1), 0, _POS_CHARACTER, 0, _CHARS_UTF8, None, None
        )
        if status != _OK:
            msg = f"espeak_Synth gave {status}"
            raise OSError(msg)
        return bytes(samples)

    def unload(self) -> bool:
        """Whether the library is gone from this process, and its state with it."""
        self._library.espeak_Terminate()
        handle = self._library._handle  # noqa: SLF001
        if sys.platform == "win32":
            _ctypes.FreeLibrary(handle)
            kernel = ctypes.WinDLL("kernel32")
            kernel.GetModuleHandleW.restype = ctypes.c_void_p
            return not kernel.GetModuleHandleW(Path(self._path).name)
        _ctypes.dlclose(handle)
        try:
            _ctypes.dlclose(_ctypes.dlopen(self._path, os.RTLD_NOW | getattr(os, "RTLD_NOLOAD", 0)))
        except OSError:
            return True
        return False


def answer(request: dict[str, Any], _payload: bytes) -> tuple[dict[str, Any], bytes]:
    """The header and the samples for one request."""
    import espeakng_loader

    again = False
    try:
        espeak = Espeak(espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
        samples = espeak.speak(request["text"], request["voice"], int(request["words_per_minute"]))
        rate = espeak.rate
        again = espeak.unload()
    except (OSError, AttributeError, KeyError, TypeError, ValueError, RuntimeError) as error:
        return {"error": "broken", "why": f"{type(error).__name__}: {error}", "again": again}, b""
    if samples is None:
        return {"error": "voice", "again": again}, b""
    if sys.byteorder == "big":
        from array import array

        swapped = array("h", samples)
        swapped.byteswap()
        samples = swapped.tobytes()
    return {"rate": rate, "again": again}, samples
