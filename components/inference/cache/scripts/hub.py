"""The Hub, as far as a cache of models needs it: commits, lists of files, and files that can be gone on with."""

import contextlib
import email.utils
import http.client
import json
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request

CHUNK = 1 << 20
ATTEMPTS = 8
LONGEST_PAUSE = 300
PAUSE = float(os.environ.get("PAUSE_SECONDS", "2"))
COMMIT = re.compile(r"[0-9a-f]{40}")
# The list of what is in a directory, beside the files.
MANIFEST = ".orrery.json"


class Problem(Exception):
    """Something that another attempt does not put right; told to people as it is."""


class Again(Exception):
    """Something that may go by itself, and when."""

    def __init__(self, what, wait=None):
        super().__init__(what)
        self.wait = wait


def say(text):
    print(text, flush=True)


def origin(url):
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


class Redirects(urllib.request.HTTPRedirectHandler):
    """The token stays with the Hub: files come from other hosts, which get signed addresses instead."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if origin(req.full_url)[0] == "https" and origin(newurl)[0] != "https":
            raise Problem(f"the Hub sends us from https to {urllib.parse.urlsplit(newurl).scheme}: refused")
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        if request is not None and origin(newurl) != origin(req.full_url):
            request.remove_header("Authorization")
        return request


class Hub:
    def __init__(self, endpoint, repository, token):
        self.endpoint = endpoint.rstrip("/")
        self.repository = repository
        self.token = token
        self.opener = urllib.request.build_opener(Redirects)

    def open(self, url, headers=None):
        request = urllib.request.Request(url, headers={"User-Agent": "orrery-model-cache", **(headers or {})})
        if self.token and origin(url) == origin(self.endpoint):
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            return self.opener.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            with error:
                raise self.explained(error) from None
        except (OSError, http.client.HTTPException) as error:
            raise Again(f"{self.endpoint} does not answer ({getattr(error, 'reason', error)})") from None

    def explained(self, error):
        said = error.headers.get("X-Error-Message") or error.reason
        page = f"{self.endpoint}/{self.repository}"
        if error.code in (408, 425, 429) or error.code >= 500:
            return Again(f"{error.code} {said}", retry_after(error.headers.get("Retry-After")))
        if error.code in (401, 403):
            how = (
                f"accept its licence at {page} with the account of the token, and see that the token may read it"
                if self.token
                else f"if it is gated, accept its licence at {page}, set orrery:inference.huggingFaceTokenSecret, and "
                "`gated` of the model; else look for a slip in its name"
            )
            return Problem(f"{error.code} for {self.repository}: {said}. What to do: {how}.")
        if error.code == 404:
            return Problem(f"404 for {self.repository}: {said}. Look at {page}: repository, revision and files.")
        return Problem(f"{error.code} for {self.repository}: {said}")

    def json(self, url):
        def once():
            with self.open(url) as response:
                try:
                    return json.loads(response.read()), response.headers
                except (OSError, http.client.HTTPException, ValueError) as error:
                    raise Again(f"half an answer ({error})") from None

        return patiently(url, once)

    def commit(self, revision):
        if COMMIT.fullmatch(revision):
            return revision
        wanted = urllib.parse.quote(revision, safe="")
        about, _ = self.json(f"{self.endpoint}/api/models/{self.repository}/revision/{wanted}")
        commit = about.get("sha", "")
        if not COMMIT.fullmatch(commit):
            raise Problem(f"the Hub names no commit for {self.repository} at {revision}")
        say(f"{revision} is {commit}")
        return commit

    def files(self, commit):
        url = f"{self.endpoint}/api/models/{self.repository}/tree/{commit}?recursive=true"
        found = {}
        while url:
            entries, headers = self.json(url)
            for entry in entries:
                if entry["type"] == "file":
                    lfs = entry.get("lfs") or {}
                    size = int(lfs.get("size", entry["size"]))
                    found[checked(entry["path"])] = {"size": size, "sha256": lfs.get("oid"), "git": entry["oid"]}
            following = re.search(r'<([^>]+)>\s*;\s*rel="next"', headers.get("Link") or "")
            url = urllib.parse.urljoin(url, following[1]) if following else None
        return found

    def download(self, commit, path, size, part):
        """Adds to what is there of the file, until it is as long as the list says."""
        url = f"{self.endpoint}/{self.repository}/resolve/{commit}/{urllib.parse.quote(path)}"
        attempt = 0
        while True:
            have = part.stat().st_size if part.exists() else 0
            if have == size and part.exists():
                return
            try:
                self.download_once(url, size, part, have if have < size else 0)
                now = part.stat().st_size
                if now != size:
                    raise Again(f"{path} ended at {now} of {size} bytes")
            except Again as again:
                more = part.exists() and part.stat().st_size > have
                attempt = pause(path, again, 0 if more else attempt)

    def download_once(self, url, size, part, have):
        with self.open(url, {"Range": f"bytes={have}-"} if have else {}) as response:
            # Who knows no ranges answers 200 with all of it.
            rest = have > 0 and response.status == 206
            if rest and not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
                part.unlink()
                raise Again("another part of the file than the one asked for")
            with part.open("ab" if rest else "wb") as out:
                written = have if rest else 0
                while block := read_block(response):
                    written += len(block)
                    if written > size:
                        raise Problem(f"{url} is longer than the {size} bytes of the list")
                    out.write(block)


def read_block(response):
    try:
        return response.read(CHUNK)
    except (OSError, http.client.HTTPException) as error:
        raise Again(f"the connection broke ({error})") from None


def retry_after(value):
    """Seconds, or a date."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    with contextlib.suppress(ValueError, TypeError):
        return email.utils.parsedate_to_datetime(value).timestamp() - time.time()
    return None


def pause(what, again, attempt):
    if attempt + 1 >= ATTEMPTS:
        raise Problem(f"{what}: {again}, {ATTEMPTS} times in a row")
    wait = again.wait if again.wait is not None else PAUSE * 2**attempt
    wait = min(max(wait, 0), LONGEST_PAUSE)
    say(f"{what}: {again}; again in {wait:.0f} s")
    time.sleep(wait)
    return attempt + 1


def patiently(what, call):
    attempt = 0
    while True:
        try:
            return call()
        except Again as again:
            attempt = pause(what, again, attempt)


def checked(path):
    """A path of the list that stays below the model's directory."""
    parts = path.split("/")
    wrong = any(part in ("", ".", "..") for part in parts) or "\\" in path or parts[0] == MANIFEST
    if wrong or any(ord(letter) < 32 or ord(letter) == 127 for letter in path):
        raise Problem(f"the Hub lists a file {path!r}, which is no path below the model: refused, nothing was fetched")
    return path
