"""Stands in for coqui-tts in tests of Ray: as many samples as the text has characters."""

from types import SimpleNamespace


class Xtts:
    @classmethod
    def init_from_config(cls, config):
        return cls()

    def load_checkpoint(self, config, checkpoint_dir, eval):
        voices = {"Ana": {"gpt_cond_latent": 1, "speaker_embedding": 2}, "Bea": {"gpt_cond_latent": 3, "speaker_embedding": 4}}
        self.speaker_manager = SimpleNamespace(speakers=voices)

    def to(self, device):
        self.device = device

    def inference(self, text, language, gpt_cond_latent, speaker_embedding, speed, enable_text_splitting):
        return {"wav": [0.5] * len(text)}
