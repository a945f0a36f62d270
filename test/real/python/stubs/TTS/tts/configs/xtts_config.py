"""Stands in for coqui-tts in tests of Ray."""

from types import SimpleNamespace


class XttsConfig:
    languages = ["en", "de"]
    audio = SimpleNamespace(output_sample_rate=24000)

    def load_json(self, path):
        assert path.endswith("/config.json")
