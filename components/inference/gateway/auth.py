"""Who may ask which models: LiteLLM asks here for each request.

Keys are known by their SHA-256 alone. They stand in a file that Kubernetes renews in place: a new key opens within a
minute or two, and the one that it replaced for ten minutes more, so that its owner can restart.
"""

import asyncio
import gc
import hashlib
import json
import os
import ssl
import threading
import time

import jwt
from fastapi import HTTPException, Request
from litellm.proxy._types import LitellmUserRoles, UserAPIKeyAuth

KEYS_FILE = os.environ["GATEWAY_KEYS_FILE"]
GRACE_SECONDS = float(os.environ.get("GATEWAY_GRACE_SECONDS", "600"))
CERTIFICATE = os.environ.get("GATEWAY_CERTIFICATE")
CERTIFICATE_KEY = os.environ.get("GATEWAY_CERTIFICATE_KEY")
CERTIFICATE_SECONDS = float(os.environ.get("GATEWAY_CERTIFICATE_SECONDS", "60"))
ISSUER = os.environ.get("GATEWAY_OIDC_ISSUER")
CLIENT_ID = os.environ.get("GATEWAY_OIDC_CLIENT_ID")
LOOK_AGAIN_SECONDS = 5.0

# Everything else that LiteLLM answers is for its administrators, of whom there are none.
PATHS = {
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/embeddings",
    "/v1/rerank",
    "/v1/audio/transcriptions",
    "/v1/audio/translations",
    "/v1/audio/speech",
    "/v1/models",
}
METRICS = {"/metrics", "/metrics/"}


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


class Keys:
    """The file of keys, and for a while those that it had before."""

    def __init__(self, path):
        self.path = path
        self.looked = 0.0
        self.text = None
        self.content = {"keys": [], "metrics": None, "people": None}
        # SHA-256 -> (consumer, until when)
        self.former = {}

    def read(self):
        now = time.monotonic()
        if now - self.looked < LOOK_AGAIN_SECONDS:
            return
        self.looked = now
        try:
            with open(self.path, encoding="utf-8") as file:
                text = file.read()
        except OSError:
            return
        if text == self.text:
            return
        content = json.loads(text)
        consumers = {entry["consumer"] for entry in content["keys"]}
        current = {entry["sha256"] for entry in content["keys"]}
        for entry in self.content["keys"]:
            if entry["sha256"] not in current and entry["consumer"] in consumers:
                self.former[entry["sha256"]] = (entry["consumer"], now + GRACE_SECONDS)
        self.text = text
        self.content = content

    def find(self, key):
        self.read()
        sha256 = digest(key)
        for entry in self.content["keys"]:
            if entry["sha256"] == sha256:
                return entry
        return self.replaced(sha256)

    def replaced(self, sha256):
        """What the consumer may now, also with the key that it had."""
        owner, until = self.former.get(sha256, (None, 0.0))
        if time.monotonic() > until:
            return None
        return next((entry for entry in self.content["keys"] if entry["consumer"] == owner), None)


keys = Keys(KEYS_FILE)
jwks = jwt.PyJWKClient(os.environ["GATEWAY_OIDC_KEYS"], cache_keys=True, timeout=5) if ISSUER else None


def refuse(status, message):
    raise HTTPException(status_code=status, detail=message)


def allowed(owner, token, entry):
    if not entry["models"]:
        refuse(403, "This key opens no model.")
    return UserAPIKeyAuth(
        # Limits are counted by this one; without it there are none.
        api_key=token,
        token=token,
        key_alias=owner,
        models=entry["models"],
        rpm_limit=entry["requestsPerMinute"],
        tpm_limit=entry["tokensPerMinute"],
        max_parallel_requests=entry["parallelRequests"],
    )


def claims_of(token):
    """Of a person who has signed in; raises where the token is not the identity provider's, or for somebody else."""
    signing = jwks.get_signing_key_from_jwt(token)
    claims = jwt.decode(
        token,
        signing.key,
        algorithms=["RS256", "ES256"],
        issuer=ISSUER,
        options={"require": ["exp", "iss", "sub"], "verify_aud": False},
    )
    audience = claims.get("aud", [])
    audience = [audience] if isinstance(audience, str) else audience
    if CLIENT_ID != claims.get("azp") and CLIENT_ID not in audience:
        raise jwt.InvalidAudienceError("the token is for another client")
    return claims


async def person(request, token):
    # The browser sends the sign-in's cookie along from other pages, too: those may not ask in a person's name.
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        refuse(403, "This request comes from another site.")
    try:
        claims = await asyncio.to_thread(claims_of, token)
    except Exception:
        refuse(401, "This sign-in is not valid, or no longer.")
    keys.read()
    entry = keys.content["people"]
    if entry is None:
        refuse(403, "People have no access.")
    # Limits count for each person, metrics for all of them together.
    return allowed("people", digest("person:" + claims["sub"]), entry)


async def user_api_key_auth(request: Request, api_key: str) -> UserAPIKeyAuth:
    path = request.url.path
    if path in METRICS:
        keys.read()
        if api_key and digest(api_key) == keys.content["metrics"]:
            return UserAPIKeyAuth(token=digest(api_key), key_alias="metrics", user_role=LitellmUserRoles.PROXY_ADMIN)
        refuse(401, "Metrics need a token of their own.")
    if not api_key:
        refuse(401, "No key. Send the header Authorization: Bearer <key>.")
    entry = keys.find(api_key)
    if entry is None:
        if jwks is None or api_key.count(".") != 2:
            refuse(401, "This key opens nothing.")
        auth = await person(request, api_key)
    else:
        auth = allowed(entry["consumer"], entry["sha256"], entry)
    if path not in PATHS and not path.startswith("/v1/models/"):
        refuse(403, "Keys open the OpenAI API alone: " + ", ".join(sorted(PATHS)) + ".")
    return auth


def renew_certificates():
    """uvicorn reads its certificate once; what is renewed in place is given to its context, for new connections."""
    seen = os.stat(CERTIFICATE).st_mtime_ns
    while True:
        time.sleep(CERTIFICATE_SECONDS)
        try:
            now = os.stat(CERTIFICATE).st_mtime_ns
            if now == seen:
                continue
            for context in [each for each in gc.get_objects() if type(each) is ssl.SSLContext]:
                if context.protocol == ssl.PROTOCOL_TLS_SERVER:
                    context.load_cert_chain(CERTIFICATE, CERTIFICATE_KEY)
            seen = now
        except (OSError, ssl.SSLError):
            # Half written: the next look finds it whole.
            continue


if CERTIFICATE:
    threading.Thread(target=renew_certificates, daemon=True).start()
