"""Any model that vLLM runs: its own server as a child of the replica, and a door in front of it.

vLLM's command line is what it keeps stable from version to version, and its server knows all of OpenAI's API. The GPU is
the one that Ray gives the replica: the child inherits it.
"""

import asyncio
import ctypes
import signal
import socket
import subprocess
import time
import urllib.request

import aiohttp
from fastapi import Request
from fastapi.responses import StreamingResponse
from orrery_app import Refused, json_body, new_app
from ray import serve

# Images and sound travel in the body.
app = new_app(most_mib=32)

PATHS = {
    "chat": ("chat/completions", "completions"),
    "embedding": ("embeddings",),
    "rerank": ("rerank", "score"),
    "transcription": ("audio/transcriptions", "audio/translations"),
}
# What concerns one connection only is not passed on.
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "server", "date"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end_with_parent():
    """The child ends with the replica, however that ends: no GPU stays taken."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


@serve.deployment
@serve.ingress(app)
class Model:
    def __init__(self, settings):
        self.served = settings["servedName"]
        self.paths = PATHS[settings["role"]]
        self.timeout = settings["timeoutSeconds"]
        self.port = free_port()
        at = ["--host", "127.0.0.1", "--port", str(self.port)]
        command = ["vllm", "serve", settings["directory"], "--served-model-name", self.served, *at]
        self.process = subprocess.Popen([*command, *settings["arguments"]], preexec_fn=end_with_parent)
        self.session = None
        self.wait(settings["startSeconds"])

    def wait(self, seconds):
        """Until the weights are loaded: before, the replica does not count as started."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"vLLM ended with {self.process.returncode}: its log is above.")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5):
                    return
            except OSError:
                time.sleep(1)
        self.process.terminate()
        raise RuntimeError(f"vLLM was not ready after {seconds} seconds.")

    async def check_health(self):
        """Ray asks: what fails here is replaced."""
        if self.process.poll() is not None:
            raise RuntimeError(f"vLLM ended with {self.process.returncode}.")
        async with self.client().get("/health", timeout=aiohttp.ClientTimeout(total=10)) as answer:
            if answer.status != 200:
                raise RuntimeError(f"vLLM says {answer.status}.")

    def client(self):
        if self.session is None:
            timeout = aiohttp.ClientTimeout(total=self.timeout)
            self.session = aiohttp.ClientSession(f"http://127.0.0.1:{self.port}", timeout=timeout)
        return self.session

    def __del__(self):
        if hasattr(self, "process"):
            self.process.terminate()

    @app.get("/health")
    async def health(self):
        await self.check_health()
        return {"status": "ok"}

    @app.get("/v1/models")
    async def models(self, request: Request):
        return await self.passed_on(request, "models", None)

    @app.post("/v1/{path:path}")
    async def answer(self, path: str, request: Request):
        if path not in self.paths:
            known = ", ".join(f"/v1/{each}" for each in self.paths)
            raise Refused(f"There is no /v1/{path} here: {known}.", status=404)
        if path.startswith("audio/"):
            return await self.passed_on(request, path, await request.body())
        await json_body(request)
        return await self.passed_on(request, path, await request.body())

    async def passed_on(self, request, path, body):
        kept = {name: request.headers[name] for name in ("content-type", "accept") if name in request.headers}
        try:
            answer = await self.client().request(request.method, f"/v1/{path}", data=body, headers=kept)
        except asyncio.TimeoutError:
            raise Refused(f"No answer within {self.timeout} seconds.", status=504) from None

        async def pieces():
            # A client that goes away ends this, and with it the work on its answer.
            try:
                async for piece in answer.content.iter_any():
                    yield piece
            finally:
                answer.close()

        headers = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
        return StreamingResponse(pieces(), status_code=answer.status, headers=headers)


def build(settings: dict):
    return Model.bind(settings)
