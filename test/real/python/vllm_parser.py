"""Has vLLM's own parser read command lines. What vLLM imports and is not installed (torch and some 4 GB more) is made
up: the parser takes its arguments from the settings' classes, which only mention those.

Reads a JSON list of lists of arguments, writes a JSON list: what the parser makes of each, or what it says against it.
"""

import contextlib
import importlib.abc
import importlib.machinery
import importlib.metadata
import io
import json
import sys
import types
from unittest.mock import MagicMock


class Made(MagicMock):
    """Stands for anything: a class to inherit from, a type in a union, a function."""

    def __mro_entries__(self, bases):
        return ()

    def __or__(self, other):
        return Made()

    __ror__ = __or__

    def _get_child_mock(self, **_):
        return Made()

    @classmethod
    def __get_pydantic_core_schema__(cls, *_):
        from pydantic_core import core_schema

        return core_schema.any_schema()


class Module(types.ModuleType):
    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        made = Made()
        setattr(self, name, made)
        return made


class Loader(importlib.abc.Loader):
    def create_module(self, spec):
        return Module(spec.name)

    def exec_module(self, module):
        pass


def made_up(name):
    return importlib.machinery.ModuleSpec(name, Loader(), is_package=True)


class Machinery(importlib.abc.MetaPathFinder):
    """What computes in vLLM: its parser needs none of it."""

    def find_spec(self, name, path=None, target=None):
        return made_up(name) if name.startswith(("vllm.ir", "vllm.v1.executor")) else None


class Missing(importlib.abc.MetaPathFinder):
    """Asked last, for what nobody has; vLLM's compiled parts are called `vllm._C` and the like."""

    def find_spec(self, name, path=None, target=None):
        root = name.split(".")[0]
        if root == "vllm":
            return made_up(name) if name.startswith("vllm._") else None
        if root in sys.stdlib_module_names:
            return None
        return None if importlib.machinery.PathFinder.find_spec(root) else made_up(name)


def main(sources):
    sys.path.insert(0, sources)
    sys.meta_path.insert(0, Machinery())
    sys.meta_path.append(Missing())
    known = importlib.metadata.version

    def version(name):
        try:
            return known(name)
        except importlib.metadata.PackageNotFoundError:
            return "99.0"

    importlib.metadata.version = version

    import vllm.platforms
    from vllm.platforms.interface import UnspecifiedPlatform

    platform = UnspecifiedPlatform()
    platform.device_type = "cpu"
    vllm.platforms._current_platform = platform

    from vllm.entrypoints.common.cli_args import make_arg_parser
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    parser = make_arg_parser(FlexibleArgumentParser(prog="vllm serve"))

    def parsed(args):
        said = io.StringIO()
        try:
            with contextlib.redirect_stderr(said):
                values = vars(parser.parse_args(args))
        except SystemExit:
            return {"error": said.getvalue().strip().splitlines()[-1]}
        return {"values": {key: value for key, value in values.items() if isinstance(value, (str, int, float, list))}}

    return [parsed(args) for args in json.load(sys.stdin)]


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        answer = main(sys.argv[1])
    print(json.dumps(answer))
