"""Puts a model's files into a cache, and nothing there that a server must not load. Standard library only.

  fetch    from the Hub: lists the commit, downloads what is missing, verifies every file, then gives it its name
  room     says before a copy from a bucket whether it fits
  install  what was copied from a bucket: verifies every file by the manifest that came with it, then gives it its name
  prune    removes every directory of models that is not in KEEP

MODEL (JSON) says which model, CACHE where; HF_TOKEN, if any, goes to the Hub alone. Each may be killed at any moment
and run again: <model>/<key> has its name only when it is complete; until then all of it is in <model>/<key>.partial.
"""

import concurrent.futures
import contextlib
import errno
import fcntl
import fnmatch
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import sys

from hub import CHUNK, COMMIT, MANIFEST, Hub, Problem, checked, say

GIB = 1 << 30
PARALLEL = 4


def selected(files, model):
    """The files that the globs name, as the Hub's own client reads globs."""
    globs = model.get("files") and [f"{glob}*" if glob.endswith("/") else glob for glob in model["files"]]
    checksums = model.get("checksums") or {}
    chosen = files if globs is None else {
        path: about for path, about in files.items() if any(fnmatch.fnmatchcase(path, glob) for glob in globs)
    }
    problems = [f"no file is meant by `{glob}`" for glob in globs or [] if not fnmatch.filter(files, glob)]
    problems += [f"{path} has a checksum and is not among the files" for path in checksums if path not in chosen]
    problems += ["the repository has no files"] if not files else []
    for path, expected in checksums.items():
        listed = chosen.get(path, {}).get("sha256")
        if listed not in (None, expected):
            problems.append(f"{path}: expected SHA-256 {expected} (settings), got {listed} (what the Hub says)")
    if problems:
        raise Problem(f"{model['repository']}: " + "; ".join(problems))
    return {path: {**about, "sha256": checksums.get(path) or about["sha256"]} for path, about in chosen.items()}


def mismatch(file, about):
    """What is wrong with a file, or None; notes its SHA-256."""
    size = file.stat().st_size
    if size != about["size"]:
        return f"expected {about['size']} bytes, got {size}"
    sha256, git = hashlib.sha256(), hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    expected = about["sha256"]
    with file.open("rb") as content:
        while block := content.read(CHUNK):
            sha256.update(block)
            if expected is None:
                git.update(block)
        os.fsync(content.fileno())
    if expected is None and git.hexdigest() != about["git"]:
        return f"expected git object {about['git']}, got {git.hexdigest()}"
    if expected not in (None, sha256.hexdigest()):
        return f"expected SHA-256 {expected}, got {sha256.hexdigest()}"
    about["sha256"] = sha256.hexdigest()
    return None


def each(tasks):
    """Several at a time, the largest first; every problem at once."""
    problems = []
    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        for future in [pool.submit(*task) for task in tasks]:
            try:
                future.result()
            except Problem as problem:
                problems.append(str(problem))
    if problems:
        raise Problem("\n".join(problems))


def largest_first(files):
    return sorted(files.items(), key=lambda item: -item[1]["size"])


class Cache:
    def __init__(self, root, model):
        for part in (model["name"], model["key"]):
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", part) or part.endswith((".partial", ".lock")):
                raise Problem(f"{part!r} cannot be the name of a directory: letters, digits, dots and hyphens")
        self.root = pathlib.Path(root)
        self.model = model
        self.final = self.root / model["name"] / model["key"]
        self.partial = self.final.with_name(f"{model['key']}.partial")
        self.files = self.partial / "files"
        self.parts = self.partial / "parts"

    @contextlib.contextmanager
    def locked(self):
        """One at a time: a pod that is thought dead may still write."""
        self.final.parent.mkdir(parents=True, exist_ok=True)
        with open(self.final.with_name(f"{self.model['key']}.lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def is_there(self):
        """Whether all of it is there and right; what is not goes back among what is incomplete."""
        if not self.final.exists():
            return False
        try:
            manifest = json.loads((self.final / MANIFEST).read_text())
            self.verify(manifest, self.final)
            say(f"{self.final}: {len(manifest['files'])} files of {manifest['commit']}, all as they should be")
            return True
        except (Problem, OSError, ValueError, KeyError) as error:
            say(f"{self.final} is damaged: {error}")
            shutil.rmtree(self.partial, ignore_errors=True)
            self.partial.mkdir()
            self.final.rename(self.files)
            return False

    def verify(self, manifest, directory):
        def one(path, about):
            try:
                wrong = mismatch(directory / checked(path), dict(about))
            except FileNotFoundError:
                wrong = "it is missing"
            if wrong:
                (directory / path).unlink(missing_ok=True)
                raise Problem(f"{path} of {manifest['repository']} at {manifest['commit']}: {wrong}; it was removed")

        each((one, path, about) for path, about in largest_first(manifest["files"]))

    def reuse(self, files):
        """Another revision, or another choice of files, has most of them: the same content takes no second place."""
        known = {}
        for manifest in self.root.glob(f"*/*/{MANIFEST}"):
            with contextlib.suppress(OSError, ValueError, KeyError):
                for path, about in json.loads(manifest.read_text())["files"].items():
                    known[about["sha256"]] = manifest.parent / checked(path)
        for path, about in files.items():
            target = self.files / path
            if about["sha256"] in known and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                with contextlib.suppress(OSError):
                    os.link(known[about["sha256"]], target)

    def make_room(self, files):
        there = [self.files / path for path in files] + [self.part(path) for path in files]
        missing = sum(about["size"] for about in files.values()) - sum(f.stat().st_size for f in there if f.exists())
        stat = os.statvfs(self.partial)
        free = stat.f_bavail * stat.f_frsize
        if missing > free:
            raise Problem(
                f"no space for {self.model['repository']}: {missing / GIB:.1f} GiB are still to be fetched, and "
                f"{free / GIB:.1f} GiB are free. Nothing was fetched. Set orrery:inference.cache.storageGiB higher "
                "where the volume has a size, take models off this machine, or give it a larger disk."
            )

    def part(self, path):
        return self.parts / hashlib.sha256(path.encode()).hexdigest()[:32]

    def complete(self, repository, revision, commit, files):
        listed = {path: {"size": about["size"], "sha256": about["sha256"]} for path, about in sorted(files.items())}
        manifest = {"repository": repository, "revision": revision, "commit": commit, "files": listed}
        (self.files / MANIFEST).write_text(json.dumps(manifest, indent=1))
        for file in sorted(self.files.rglob("*"), reverse=True):
            relative = file.relative_to(self.files).as_posix()
            if file.is_dir() and not any(file.iterdir()):
                file.rmdir()
            elif not file.is_dir() and relative not in listed and relative != MANIFEST:
                file.unlink()
        for directory in [self.files, *(each for each in self.files.rglob("*") if each.is_dir())]:
            sync(directory)
        self.files.rename(self.final)
        sync(self.final.parent)
        shutil.rmtree(self.partial)
        say(f"{self.final}: {len(listed)} files of {commit}, {sum(a['size'] for a in listed.values()) / GIB:.2f} GiB")


def sync(directory):
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def fetch(cache, model):
    if cache.is_there():
        return
    hub = Hub(os.environ["HUB_ENDPOINT"], model["repository"], os.environ.get("HF_TOKEN"))
    commit = hub.commit(model["revision"])
    files = selected(hub.files(commit), model)
    cache.files.mkdir(parents=True, exist_ok=True)
    cache.parts.mkdir(exist_ok=True)
    cache.reuse(files)
    cache.make_room(files)

    def one(path, about):
        target, part = cache.files / path, cache.part(path)
        if target.exists() and (wrong := mismatch(target, about)):
            say(f"{path}: {wrong}; fetched again")
            target.unlink()
        if target.exists():
            return
        resumed = part.exists()
        for last in (not resumed, True):
            hub.download(commit, path, about["size"], part) if about["size"] else part.touch()
            wrong = mismatch(part, about)
            if wrong is None:
                break
            part.unlink()
            if last:
                raise Problem(f"{path} of {model['repository']} at {commit}: {wrong}; it was removed")
        target.parent.mkdir(parents=True, exist_ok=True)
        part.rename(target)
        say(f"{path}: {about['size']} bytes, SHA-256 {about['sha256']}")

    each((one, path, about) for path, about in largest_first(files))
    cache.complete(model["repository"], model["revision"], commit, files)


def room(cache, _):
    """Of a bucket that has nothing of the model, there is nothing to be copied."""
    manifest = cache.files / MANIFEST
    if not cache.final.exists() and manifest.exists():
        cache.make_room(json.loads(manifest.read_text())["files"])


def install(cache, model):
    if cache.is_there():
        return
    try:
        manifest = json.loads((cache.files / MANIFEST).read_text())
        repository, commit, files = manifest["repository"], manifest["commit"], manifest["files"]
    except (OSError, ValueError, KeyError) as error:
        raise Problem(f"what came from the bucket has no manifest that can be read ({error})") from None
    revision = model["revision"]
    if (repository, manifest["revision"]) != (model["repository"], revision) or (
        COMMIT.fullmatch(revision) and commit != revision
    ):
        raise Problem(f"the bucket has {repository} at {commit} where {model['repository']} at {revision} should be")
    for path, expected in (model.get("checksums") or {}).items():
        got = files.get(path, {}).get("sha256", "no such file")
        if got != expected:
            raise Problem(f"{path} in the bucket: expected SHA-256 {expected}, got {got}")
    cache.verify(manifest, cache.files)
    cache.complete(repository, revision, commit, files)


def prune(root, keep):
    """Only what this program made: directories with its manifest, and what belongs to them."""
    for manifest in sorted(pathlib.Path(root).glob(f"*/*/{MANIFEST}")):
        directory = manifest.parent
        if f"{directory.parent.name}/{directory.name}" not in keep:
            say(f"removing {directory}")
            # First out of the way of whoever looks for it.
            gone = directory.with_name(f"{directory.name}.partial")
            shutil.rmtree(gone, ignore_errors=True)
            directory.rename(gone)
    for rest in [*pathlib.Path(root).glob("*/*.partial"), *pathlib.Path(root).glob("*/*.lock")]:
        if f"{rest.parent.name}/{rest.stem}" not in keep:
            shutil.rmtree(rest) if rest.is_dir() else rest.unlink()
    for model in pathlib.Path(root).iterdir():
        # What is not empty stays: lost+found, and what people put there.
        with contextlib.suppress(OSError):
            model.rmdir()


def main(command):
    os.umask(0o022)
    # The first process of a container ignores it otherwise, and the pod would be waited for.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    root = os.environ["CACHE"]
    if command == "prune":
        return prune(root, json.loads(os.environ["KEEP"]))
    model = json.loads(os.environ["MODEL"])
    cache = Cache(root, model)
    with cache.locked():
        {"fetch": fetch, "room": room, "install": install}[command](cache, model)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except (Problem, OSError) as problem:
        full = isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT)
        text = f"error: {'the volume is full: ' if full else ''}{problem}"
        print(text, file=sys.stderr, flush=True)
        # What `kubectl describe` shows of the pod.
        log = pathlib.Path(os.environ.get("TERMINATION_LOG", "/dev/termination-log"))
        if log.exists():
            log.write_text(text[:4000])
        sys.exit(1)
