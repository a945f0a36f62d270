"""What the programs share: an application that words its errors as OpenAI's API does, and takes no more than it says."""

import json

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

MIB = 1024 * 1024


class BodyTooLarge(Exception):
    """More has arrived than the program takes."""


class BodyLimit:
    """Refuses what is too large before it is read as a whole, whether its length is said or not."""

    def __init__(self, app, most_bytes):
        self.app = app
        self.most_bytes = most_bytes

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        said = dict(scope["headers"]).get(b"content-length", b"0")
        if not said.isdigit() or int(said) > self.most_bytes:
            await self.refusal()(scope, receive, send)
            return
        arrived = 0
        answering = False

        async def counted():
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > self.most_bytes:
                raise BodyTooLarge()
            return message

        async def noticed(message):
            nonlocal answering
            answering = True
            await send(message)

        try:
            await self.app(scope, counted, noticed)
        except BodyTooLarge:
            if answering:
                raise
            await self.refusal()(scope, receive, send)

    def refusal(self):
        most = self.most_bytes // MIB
        return problem(413, f"The request is larger than {most} MiB, the most that is taken.", code="too_large")


def problem(status, message, parameter=None, code=None):
    """An error as clients of OpenAI's API read it."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    error = {"message": message, "type": kind, "param": parameter, "code": code}
    return JSONResponse({"error": error}, status_code=status)


class Refused(HTTPException):
    """What a client can put right."""

    def __init__(self, message, parameter=None, status=400):
        super().__init__(status_code=status, detail=message)
        self.parameter = parameter


def new_app(most_mib):
    """An application that takes requests of at most so many MiB.

    Serve takes the application's functions as they are when it decorates the class: what they call stands before it.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(BodyLimit, most_bytes=most_mib * MIB)

    @app.exception_handler(StarletteHTTPException)
    async def refused(_, error):
        return problem(error.status_code, str(error.detail), getattr(error, "parameter", None))

    @app.exception_handler(Exception)
    async def failed(_, error):
        # What went wrong is in the log; a client can do nothing about it.
        return problem(500, "The program failed: its log says why.")

    @app.exception_handler(RequestValidationError)
    async def malformed(_, error):
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:])
        return problem(400, f"{field or 'body'}: {first['msg']}", field or None)

    return app


def check_model(asked, served):
    """A client that asks for another model has the wrong address."""
    if asked != served:
        raise Refused(f"The model `{asked}` is not served here: ask for `{served}`.", "model", 404)


def model_list(served):
    return {"object": "list", "data": [{"id": served, "object": "model", "created": 0, "owned_by": "orrery"}]}


async def json_body(request: Request):
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise Refused("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise Refused("The body is not a JSON object.")
    return body


def texts_of(value, parameter, most, most_characters):
    """A text or a list of them; never none, never more than the program works on at once."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(isinstance(each, str) and each for each in texts):
        raise Refused(f"{parameter}: a text or a list of texts is needed; none of them empty.", parameter)
    if len(texts) > most:
        raise Refused(f"{parameter}: {len(texts)} texts, {most} is the most of one request.", parameter)
    longest = max(len(each) for each in texts)
    if longest > most_characters:
        raise Refused(f"{parameter}: a text of {longest} characters, {most_characters} is the most.", parameter)
    return texts
