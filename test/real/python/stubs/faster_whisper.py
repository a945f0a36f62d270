"""Stands in for faster-whisper in tests of Ray: hears the bytes that it gets."""

from types import SimpleNamespace


class WhisperModel:
    def __init__(self, directory, device, compute_type, local_files_only):
        assert local_files_only
        self.about = f"{device} {compute_type}"

    def transcribe(self, sound, language=None, initial_prompt=None, temperature=0.0):
        heard = sound.read()
        if not heard.startswith(b"RIFF"):
            raise ValueError("Invalid data found when processing input")
        segments = [
            SimpleNamespace(start=0.0, end=1.25, text=" one"),
            SimpleNamespace(start=1.25, end=3601.5, text=f" two {self.about}"),
        ]
        return iter(segments), SimpleNamespace(language=language or "en", duration=3601.5)
