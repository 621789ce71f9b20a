"""The process that holds the audio libraries, and the only module that imports them.

    python -m hep_vision.coach.loudspeaker_child sounds|speech

Reads lines, makes each heard, and answers as `hep_vision.coach.loudspeaker.ResidentEngine` says.
"""

import sys
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hep_vision.coach.loudspeaker import DONE, READY, LoudspeakerError
from hep_vision.coach.spoken import Sound

LOUDNESS: Final = 0.2
"""Of full scale: beside a voice, not above it (own judgement)."""

_FADE_MS: Final = 12.0
_NOTES_HZ_MS: Final[dict[Sound, tuple[tuple[float, float], ...]]] = {
    Sound.REP: ((880.0, 90.0),),
    Sound.HOLD_REACHED: ((659.3, 110.0), (880.0, 160.0)),
    Sound.SET_DONE: ((523.3, 110.0), (659.3, 110.0), (784.0, 220.0)),
    Sound.COUNTDOWN: ((659.3, 110.0),),
    Sound.GO: ((880.0, 220.0),),
    Sound.TROUBLE: ((440.0, 160.0), (329.6, 220.0)),
}
"""Pitch and length of each note. All lie below 1 kHz, because age takes the high notes first; good
news rises, trouble falls (own judgement)."""


def tone(sound: Sound, rate_hz: float) -> NDArray[np.float32]:
    """Return a sound as samples (N,) within ±`LOUDNESS`, that begins and ends in silence."""
    return np.concatenate([_note(*note, rate_hz) for note in _NOTES_HZ_MS[sound]])


def _note(pitch_hz: float, length_ms: float, rate_hz: float) -> NDArray[np.float32]:
    since_ms = np.arange(round(length_ms * rate_hz / 1000.0)) * 1000.0 / rate_hz
    # An edge would click.
    fade = np.clip(np.minimum(since_ms, since_ms[::-1]) / _FADE_MS, 0.0, 1.0)
    wave: NDArray[np.float64] = fade * np.sin(2.0 * np.pi * pitch_hz * since_ms / 1000.0)
    return (LOUDNESS * wave).astype(np.float32)


def _sounds() -> Callable[[str], None]:
    try:
        import sounddevice
    except OSError as error:
        raise LoudspeakerError("PortAudio is not installed") from error
    try:
        rate_hz = float(sounddevice.query_devices(kind="output")["default_samplerate"])
        stream = sounddevice.OutputStream(
            samplerate=rate_hz, channels=1, dtype="float32", latency="low"
        )
    except (sounddevice.PortAudioError, ValueError) as error:
        raise LoudspeakerError("no audio device") from error

    def play(name: str) -> None:
        try:
            stream.start()
            stream.write(tone(Sound(name), rate_hz))
            stream.stop()
        except sounddevice.PortAudioError as error:
            raise LoudspeakerError("the audio device does not play") from error

    return play


def _speech() -> Callable[[str], None]:
    import pyttsx3

    engine = pyttsx3.init()

    def speak(words: str) -> None:
        engine.say(words)
        engine.runAndWait()

    return speak


def main() -> None:
    """Make heard what is read, until there is no more or something fails."""
    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    try:
        make_heard = _sounds() if sys.argv[1] == "sounds" else _speech()
        _answer(READY)
        for line in sys.stdin:
            make_heard(line.rstrip("\n"))
            _answer(DONE)
    except LoudspeakerError as error:
        _answer(str(error))


def _answer(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
