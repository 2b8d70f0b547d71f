"""The module paths of transformers, and what is absent from them.

`_reference.py` lists the modules of transformers with the names that trustformers has of each. A path without a file
becomes a module here, which looks its names up where `_exports.py` says they are; a file that has the path of one of
these modules gets the other names of that module. What is absent raises the reason, if there is one.

Like `_exports.py` this module is part of `import trustformers` and imports as little as it can. For type checkers
ci/python_stubs.py writes a `.pyi` file for each path that has no file.
"""

import sys

from trustformers._exports import lookup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

_PREFIX = "trustformers."


class _Finder:
    """Finds the modules of transformers that have no file, and refuses what is absent."""

    @staticmethod
    def find_spec(
        fullname: str, path: "Sequence[str] | None" = None, _target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        name = fullname.removeprefix(_PREFIX)
        if name == fullname or name.startswith("_"):
            return None
        from importlib.machinery import ModuleSpec, PathFinder

        from trustformers._reference import names

        file = PathFinder.find_spec(fullname, path)
        # A folder that holds only type stubs has no loader.
        if file is not None and file.loader is not None:
            if names(name) is not None:
                file.loader = _completing(file.loader)
            return file
        if names(name) is not None:
            return ModuleSpec(fullname, _Loader, is_package=True)  # type: ignore[arg-type]  # a class of static methods
        from trustformers._absent import refuse_import

        refuse_import(name)
        return None


class _Loader:
    @staticmethod
    def create_module(_spec: "ModuleSpec") -> None:
        return None

    @staticmethod
    def exec_module(module: "ModuleType") -> None:
        from trustformers._reference import names

        path = module.__name__.removeprefix(_PREFIX)
        known = names(path) or []
        load = lookup(module.__name__)

        def listed() -> list[str]:
            return sorted({*vars(module), *known})

        vars(module).update(
            __doc__=f"Names of transformers.{path}.", __all__=sorted(known), __getattr__=load, __dir__=listed
        )


def _completing(loader: "Any") -> "Any":
    """The loader of a file, which then gives the module the other names of the module of transformers."""
    from importlib.machinery import SourceFileLoader

    class Completing(SourceFileLoader):
        def exec_module(self, module: "ModuleType") -> None:
            super().exec_module(module)
            if "__getattr__" not in vars(module):
                module.__getattr__ = lookup(module.__name__)  # type: ignore[method-assign]
            if not hasattr(module, "__path__"):
                # Python asks finders for names that are absent from a package; ours says why they are.
                module.__path__ = []

    return Completing(loader.name, loader.path) if type(loader) is SourceFileLoader else loader


def install() -> None:
    """Makes the paths importable."""
    if _Finder not in sys.meta_path:
        # First, since Python would take a folder of type stubs for a namespace package.
        sys.meta_path.insert(0, _Finder)
