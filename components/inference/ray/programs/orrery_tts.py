"""A text, spoken: XTTS by coqui-tts."""

import asyncio
import io
import os

from fastapi import Request
from fastapi.responses import Response
from orrery_app import Refused, check_model, json_body, model_list, new_app
from ray import serve

app = new_app(most_mib=1)

# OpenAI's own limit.
MOST_CHARACTERS = 4096
TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav", "flac": "audio/flac", "opus": "audio/ogg", "pcm": "audio/pcm"}


def text_of(body):
    text = body.get("input")
    if not isinstance(text, str) or not text.strip():
        raise Refused("input: a text is needed.", "input")
    if len(text) > MOST_CHARACTERS:
        raise Refused(f"input: {len(text)} characters, {MOST_CHARACTERS} is the most.", "input")
    return text


def one_of(body, parameter, known, usual):
    value = body.get(parameter, usual)
    if value not in known:
        raise Refused(f"{parameter}: `{value}` is not known. Known: {', '.join(known)}.", parameter)
    return value


def written(sound, rate, form):
    import numpy
    import soundfile

    samples = numpy.asarray(sound, dtype="float32")
    if form == "pcm":
        return (samples.clip(-1, 1) * 32767).astype("<i2").tobytes()
    kind = {"format": "OGG", "subtype": "OPUS"} if form == "opus" else {"format": form.upper()}
    file = io.BytesIO()
    soundfile.write(file, samples, rate, **kind)
    return file.getvalue()


@serve.deployment
@serve.ingress(app)
class Model:
    def __init__(self, settings):
        from TTS.tts.configs.xtts_config import XttsConfig
        from TTS.tts.models.xtts import Xtts

        self.served = settings["servedName"]
        config = XttsConfig()
        config.load_json(os.path.join(settings["directory"], "config.json"))
        self.model = Xtts.init_from_config(config)
        self.model.load_checkpoint(config, checkpoint_dir=settings["directory"], eval=True)
        self.model.to(settings["device"])
        self.voices = self.model.speaker_manager.speakers
        self.languages = list(config.languages)
        self.rate = config.audio.output_sample_rate
        # The model keeps what it works on: one text after the other.
        self.turn = asyncio.Lock()

    @app.get("/health")
    async def health(self):
        return {"status": "ok"}

    @app.get("/v1/models")
    async def models(self):
        return model_list(self.served)

    @app.get("/v1/audio/voices")
    async def known(self):
        return {"voices": sorted(self.voices), "languages": self.languages}

    @app.post("/v1/audio/speech")
    async def speech(self, request: Request):
        body = await json_body(request)
        check_model(body.get("model"), self.served)
        text = text_of(body)
        voice = one_of(body, "voice", sorted(self.voices), next(iter(sorted(self.voices))))
        language = one_of(body, "language", self.languages, "en")
        form = one_of(body, "response_format", list(TYPES), "mp3")
        speed = body.get("speed", 1.0)
        if not isinstance(speed, (int, float)) or isinstance(speed, bool) or not 0.25 <= speed <= 4:
            raise Refused("speed: 0.25 to 4.", "speed")
        async with self.turn:
            sound = await asyncio.to_thread(self.speak, text, language, voice, float(speed))
        return Response(written(sound, self.rate, form), media_type=TYPES[form])

    def speak(self, text, language, voice, speed):
        latents = self.voices[voice]
        made = self.model.inference(
            text,
            language,
            latents["gpt_cond_latent"],
            latents["speaker_embedding"],
            speed=speed,
            enable_text_splitting=True,
        )
        return made["wav"]


def build(settings: dict):
    return Model.bind(settings)
