"""The module paths of transformers that are names of modules here.

Like `_exports.py` this module is part of `import trustformers` and imports as little as it can. For type checkers
ci/python_stubs.py writes a `.pyi` file for each path.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

# Paths of transformers 5.23.0, of which tokenization_utils_fast is the one that version 4 had.
PATHS = {
    "cache_utils": "models.cache",
    "configuration_utils": "models.configuration",
    "generation.configuration_utils": "generation.config",
    "generation.utils": "generation.mixin",
    "modeling_outputs": "models.outputs",
    "modeling_utils": "models.base",
    "pipelines.feature_extraction": "pipelines.vectors",
    "pipelines.text_classification": "pipelines.classification",
    "pipelines.zero_shot_classification": "pipelines.classification",
    "tokenization_utils_base": "tokenizers",
    "tokenization_utils_fast": "tokenizers.fast",
    "tokenization_utils_tokenizers": "tokenizers.fast",
    "utils.chat_template_utils": "tokenizers.tool_schemas",
}


class _Finder:
    """Finds the modules of `PATHS` and loads them; Python asks when it has found no file."""

    @staticmethod
    def find_spec(
        fullname: str, _path: "Sequence[str] | None" = None, _target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        if fullname.removeprefix("trustformers.") not in PATHS:
            return None
        from importlib.machinery import ModuleSpec

        return ModuleSpec(fullname, _Finder)  # type: ignore[arg-type]  # static methods make the class a loader

    @staticmethod
    def create_module(_spec: "ModuleSpec") -> None:
        return None

    @staticmethod
    def exec_module(module: "ModuleType") -> None:
        from importlib import import_module

        # What a module has put in its place here is what Python imports.
        sys.modules[module.__name__] = import_module(f"trustformers.{PATHS[module.__name__.partition('.')[2]]}")


def install() -> None:
    """Makes the paths importable."""
    if _Finder not in sys.meta_path:
        sys.meta_path.append(_Finder)
