"""The module paths of transformers that have no file here.

Like `_exports.py` this module is part of `import trustformers` and imports as little as it can. For type checkers
ci/python_stubs.py writes a `.pyi` file for each path.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

# Modules by the path that transformers 5.23.0 has for them. tokenization_utils and tokenization_utils_fast are paths of
# version 4, which version 5 still has.
PATHS = {
    "cache_utils": "models.cache",
    "configuration_utils": "models.configuration",
    "file_utils": "models.outputs",
    "generation.configuration_utils": "generation.config",
    "generation.utils": "generation.mixin",
    "modeling_outputs": "models.outputs",
    "modeling_utils": "models.base",
    "models.auto.configuration_auto": "models.configuration",
    "models.auto.modeling_auto": "models.auto",
    "models.auto.tokenization_auto": "tokenizers.auto",
    "pipelines.feature_extraction": "pipelines.vectors",
    "pipelines.pt_utils": "pipelines.datasets",
    "pipelines.text_classification": "pipelines.classification",
    "pipelines.zero_shot_classification": "pipelines.classification",
    "tokenization_utils": "tokenizers",
    "tokenization_utils_base": "tokenizers",
    "tokenization_utils_fast": "tokenizers.fast",
    "tokenization_utils_tokenizers": "tokenizers.fast",
    "trainer_utils": "runtime.seed",
    "utils.chat_template_utils": "tokenizers.tool_schemas",
    "utils.generic": "models.outputs",
}


class _Finder:
    """Finds and loads the modules of `PATHS`, and those of families, such as models.bert.modeling_bert."""

    @staticmethod
    def find_spec(
        fullname: str, path: "Sequence[str] | None" = None, _target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        name = fullname.removeprefix("trustformers.")
        is_model = name.startswith("models.")
        if name == fullname or not (is_model or name in PATHS):
            return None
        from importlib.machinery import ModuleSpec, PathFinder

        if is_model and name not in PATHS:
            # A folder that holds only type stubs has no loader.
            file = PathFinder.find_spec(fullname, path)
            if file is not None and file.loader is not None:
                return file
            if name not in _families():
                return None
        is_package = is_model and name.count(".") == 1
        return ModuleSpec(fullname, _Finder, is_package=is_package)  # type: ignore[arg-type]  # a class of static methods

    @staticmethod
    def create_module(_spec: "ModuleSpec") -> None:
        return None

    @staticmethod
    def exec_module(module: "ModuleType") -> None:
        from importlib import import_module

        name = module.__name__.removeprefix("trustformers.")
        if name in PATHS:
            # Python imports what sys.modules holds now.
            sys.modules[module.__name__] = import_module(f"trustformers.{PATHS[name]}")
            return
        families = _families()
        vars(module).update(families[name])
        for path in families:
            if path.startswith(f"{name}."):
                import_module(f"trustformers.{path}")


def _families() -> "dict[str, dict[str, type]]":
    # Only the paths of families need the engine.
    from importlib import import_module

    found: dict[str, dict[str, type]] = import_module("trustformers.models.families").modules()
    return found


def install() -> None:
    """Makes the paths importable."""
    if _Finder not in sys.meta_path:
        # First, since Python would take a folder of type stubs for a namespace package.
        sys.meta_path.insert(0, _Finder)
