"""Makes `import transformers` find trustformers, for scripts and libraries that are written for transformers.

`import trustformers.alias` as the first line does so for the rest of the process; `python -m trustformers.alias
script.py ...` and `python -m trustformers.alias -m module ...` run a program that way. The modules below `transformers`
are those of trustformers, the same objects. `transformers` itself has all names of trustformers and the `__version__`
of the release that they follow, which `importlib.metadata` reports too, whether or not that package is installed.
`import peft` finds `trustformers.peft`, as PEFT itself puts modules of torch into a model.
"""

from __future__ import annotations

import os
import pkgutil
import runpy
import sys
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.metadata import Distribution, DistributionFinder
from importlib.util import find_spec
from multiprocessing import spawn
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import trustformers
from trustformers._version import TRANSFORMERS_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__: list[str] = []

_NAME, _OURS, _ADAPTERS = "transformers", "trustformers", "peft"
# The path of the script, for processes that it starts.
_SCRIPT = "_TRUSTFORMERS_ALIAS_SCRIPT"
# Files whose frames are above those of the program.
_ABOVE = (__file__, runpy.__file__, runpy.run_path.__code__.co_filename)
_USAGE = "usage: python -m trustformers.alias SCRIPT [ARGUMENT ...] | -m MODULE [ARGUMENT ...]"


class _Transformers(ModuleType):
    """The module `transformers`: every name but `__version__` and those of its import is an attribute of ours."""

    def __getattr__(self, name: str) -> Any:
        return getattr(trustformers, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("__"):
            super().__setattr__(name, value)
        else:
            setattr(trustformers, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(trustformers, name)

    def __dir__(self) -> list[str]:
        return dir(trustformers)


class _Distribution(Distribution):
    """The metadata of transformers."""

    def read_text(self, filename: str) -> str | None:
        metadata = f"Metadata-Version: 2.1\nName: {_NAME}\nVersion: {TRANSFORMERS_VERSION}\n"
        return {"METADATA": metadata, "top_level.txt": f"{_NAME}\n"}.get(filename)

    def locate_file(self, path: Any) -> Any:
        return Path(trustformers.__path__[0]).parent / path


class _Loader:
    @staticmethod
    def create_module(spec: ModuleSpec) -> ModuleType:
        path = f".{spec.name}" if spec.name == _ADAPTERS else spec.name.removeprefix(_NAME)
        module = import_module(_OURS + path)
        # Python writes the new spec into the module, which keeps its own.
        spec.loader_state = module.__spec__
        return module

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        spec = module.__spec__
        if spec is not None and isinstance(spec.loader_state, ModuleSpec):
            module.__spec__ = spec.loader_state


class _Finder(DistributionFinder):
    """Finds modules and the metadata of transformers."""

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == _ADAPTERS:
            return ModuleSpec(fullname, _Loader, is_package=True)  # type: ignore[arg-type]  # static methods
        if fullname.startswith(f"{_ADAPTERS}."):
            import_module(f"{_OURS}._absent").refuse_module_of_peft(fullname)
        if not fullname.startswith(f"{_NAME}."):
            return None
        found = find_spec(_OURS + fullname.removeprefix(_NAME))
        if found is None:
            return None
        is_package = found.submodule_search_locations is not None
        return ModuleSpec(fullname, _Loader, is_package=is_package)  # type: ignore[arg-type]  # static methods

    def find_distributions(self, context: DistributionFinder.Context = DistributionFinder.Context()) -> Iterator[Any]:  # noqa: B008  # as the base class has it
        if context.name is None or context.name.lower() == _NAME:
            yield _Distribution()


def _install() -> None:
    present = sys.modules.get(_NAME)
    if getattr(present, "__alias_of__", None) == _OURS:
        return
    if present is not None:
        raise ImportError(
            f"transformers was imported before trustformers.alias, from {getattr(present, '__file__', None)}; "
            "import trustformers.alias first, before any library that imports transformers",
            name=_NAME,
        )
    module = _Transformers(_NAME, trustformers.__doc__)
    spec = ModuleSpec(_NAME, None, origin=trustformers.__file__, is_package=True)
    vars(module).update(
        __alias_of__=_OURS,
        __version__=TRANSFORMERS_VERSION,
        __file__=trustformers.__file__,
        __path__=[],
        __package__=_NAME,
        __spec__=spec,
    )
    sys.modules[_NAME] = module
    sys.meta_path.insert(0, _Finder())


def _run(arguments: list[str]) -> None:
    """Runs a script or a module as Python itself does."""
    try:
        if arguments[:1] == ["-m"] and len(arguments) > 1:
            sys.argv = arguments[1:]
            # Python has put the current directory, where it looks for modules, into sys.path.
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        elif arguments and not arguments[0].startswith("-"):
            _run_script(arguments)
        else:
            print(_USAGE, file=sys.stderr)
            raise SystemExit(0 if arguments[:1] in (["-h"], ["--help"]) else 2)
    except Exception as error:
        traceback = error.__traceback__
        while traceback is not None and traceback.tb_frame.f_code.co_filename in _ABOVE:
            traceback = traceback.tb_next
        sys.excepthook(type(error), error.with_traceback(traceback), traceback)
        raise SystemExit(1) from None


def _run_script(arguments: list[str]) -> None:
    script = Path(arguments[0])
    if not script.exists():
        print(f"{sys.executable}: can't open file {str(script.absolute())!r}: no such file", file=sys.stderr)
        raise SystemExit(2)
    sys.argv = arguments
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = str(script.resolve().parent)
    prepared = spawn.get_preparation_data

    def prepared_with_alias(name: str) -> dict[str, Any]:
        """What a new process of multiprocessing does first: it runs this module, which runs the script again."""
        data = prepared(name)
        if data.pop("init_main_from_path", None) is not None:
            data["init_main_from_name"] = f"{_OURS}.alias"
        return data

    os.environ[_SCRIPT] = str(script.absolute())
    spawn.get_preparation_data = prepared_with_alias
    if pkgutil.get_importer(arguments[0]) is not None or script.suffix == ".pyc":
        runpy.run_path(arguments[0], run_name="__main__")
        return
    # `run_path` would make __file__ and argv[0] the same path; Python makes only the former absolute.
    module = ModuleType("__main__")
    module.__file__ = str(script.absolute())
    module.__loader__ = SourceFileLoader("__main__", module.__file__)
    code = module.__loader__.source_to_code(script.read_bytes(), module.__file__)
    sys.modules["__main__"] = module
    exec(code, vars(module))


if __name__ == "__main__":
    # Under this name importing trustformers.alias again finds this module.
    sys.modules[f"{_OURS}.alias"] = sys.modules["__main__"]
    _install()
    _run(sys.argv[1:])
else:
    _install()
    if __name__ == "__mp_main__":
        globals().update(runpy.run_path(os.environ[_SCRIPT], run_name=__name__))
