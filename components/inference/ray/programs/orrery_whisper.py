"""What is said in a recording, by faster-whisper."""

import asyncio
import io

from fastapi import File, Form, UploadFile
from fastapi.responses import PlainTextResponse
from orrery_app import Refused, check_model, model_list, new_app
from ray import serve

# OpenAI's own limit.
app = new_app(most_mib=25)

FORMATS = ("json", "text", "verbose_json", "srt", "vtt")


def written(segments, info, response_format):
    text = "".join(each.text for each in segments).strip()
    match response_format:
        case "text":
            return PlainTextResponse(text + "\n")
        case "srt":
            return PlainTextResponse("".join(f"{n}\n{cue(each, ',')}\n" for n, each in enumerate(segments, 1)))
        case "vtt":
            return PlainTextResponse("WEBVTT\n\n" + "".join(f"{cue(each, '.')}\n" for each in segments))
        case "verbose_json":
            parts = [
                {"id": number, "start": each.start, "end": each.end, "text": each.text}
                for number, each in enumerate(segments)
            ]
            about = {"task": "transcribe", "language": info.language, "duration": info.duration}
            return {**about, "text": text, "segments": parts}
    return {"text": text}


def cue(segment, point):
    return f"{clock(segment.start, point)} --> {clock(segment.end, point)}\n{segment.text.strip()}\n"


def clock(seconds, point):
    thousandths = round(seconds * 1000)
    hours, rest = divmod(thousandths, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"


@serve.deployment
@serve.ingress(app)
class Model:
    def __init__(self, settings):
        from faster_whisper import WhisperModel

        self.served = settings["servedName"]
        on_gpu = settings["device"] == "cuda"
        self.model = WhisperModel(
            settings["directory"],
            device=settings["device"],
            compute_type="float16" if on_gpu else "int8",
            local_files_only=True,
        )

    @app.get("/health")
    async def health(self):
        return {"status": "ok"}

    @app.get("/v1/models")
    async def models(self):
        return model_list(self.served)

    @app.post("/v1/audio/transcriptions")
    async def transcriptions(
        self,
        file: UploadFile = File(...),
        model: str = Form(...),
        language: str | None = Form(None),
        prompt: str | None = Form(None),
        response_format: str = Form("json"),
        temperature: float = Form(0.0),
    ):
        check_model(model, self.served)
        if response_format not in FORMATS:
            raise Refused(f"response_format: one of {', '.join(FORMATS)}.", "response_format")
        if not 0 <= temperature <= 1:
            raise Refused("temperature: 0 to 1.", "temperature")
        sound = await file.read()
        if not sound:
            raise Refused("file: it is empty.", "file")
        options = {"language": language or None, "initial_prompt": prompt or None, "temperature": temperature}
        segments, info = await asyncio.to_thread(self.transcribe, sound, options)
        return written(segments, info, response_format)

    def transcribe(self, sound, options):
        try:
            segments, info = self.model.transcribe(io.BytesIO(sound), **options)
            # They are made while they are asked for.
            return list(segments), info
        except (ValueError, EOFError) as error:
            # PyAV's errors of what it cannot read, and an unknown language, are among these.
            raise Refused(f"The recording cannot be transcribed: {error}", "file") from None


def build(settings: dict):
    return Model.bind(settings)
