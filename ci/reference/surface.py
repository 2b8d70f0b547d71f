"""Writes the public surface of transformers: its modules with their names, and the members of its main classes.

Run with the reference installed: `python ci/reference/surface.py` writes transformers.txt beside this file. Modules are
read, not imported, so that the list does not depend on which optional packages are installed.
"""

from __future__ import annotations

import ast
import inspect
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

import transformers
from transformers.models.auto import auto_mappings, modeling_auto

OUT = Path(__file__).with_name("transformers.txt")
# What is no interface for users: commands, conversions of single checkpoints, tests, code that writes code.
NOT = ("cli", "_typing", "utils.dummy", "utils.notebook", "utils.sentencepiece_model_pb2")
CLASSES = (
    *("AutoConfig", "AutoModel", "AutoModelForCausalLM", "AutoTokenizer", "BatchEncoding", "BertConfig"),
    *("BertForSequenceClassification", "DynamicCache", "FeatureExtractionPipeline", "GPT2LMHeadModel"),
    *("GenerationConfig", "HfArgumentParser", "LogitsProcessorList", "PreTrainedTokenizerFast", "StoppingCriteriaList"),
    *("TextClassificationPipeline", "TextGenerationPipeline", "TextIteratorStreamer", "TextStreamer"),
    *("Trainer", "TrainingArguments"),
)


def parsed(root: Path) -> dict[str, ast.Module]:
    """The syntax trees of the modules, by their path below transformers; packages end with a dot."""
    found = {}
    for file in sorted(root.rglob("*.py")):
        parts = file.relative_to(root).with_suffix("").parts
        path = ".".join(parts[:-1]) + "." if parts[-1] == "__init__" else ".".join(parts)
        if path != "." and not path.startswith(NOT) and not any(part in path for part in (".convert_", ".modular_")):
            found[path] = ast.parse(file.read_text(encoding="utf-8"))
    return found


def statements(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements of a module, also those under conditions and in `try`."""
    found: list[ast.stmt] = []
    for node in body:
        if isinstance(node, ast.If):
            found += statements(node.body) + statements(node.orelse)
        elif isinstance(node, ast.Try):
            found += statements(node.body) + [s for h in node.handlers for s in statements(h.body)]
        else:
            found.append(node)
    return found


def targets(node: ast.stmt) -> list[str]:
    """The names that a statement defines."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    assigned = (
        node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    )
    return [target.id for target in assigned if isinstance(target, ast.Name)]


class Surface:
    """The names of each module: its own, and those that it imports from other modules of transformers."""

    def __init__(self, root: Path) -> None:
        self.trees = parsed(root)
        self.own: dict[str, set[str]] = {}
        self.imported: dict[str, set[str]] = {}
        self.listed: set[str] = set()  # modules with an __all__, which `import *` takes
        for path, tree in self.trees.items():
            self.own[path.rstrip(".")] = self._own(path.rstrip("."), tree)
        for path in self.trees:
            self.imported[path.rstrip(".")] = self._imported(path, set())

    def _own(self, path: str, tree: ast.Module) -> set[str]:
        body = statements(tree.body)
        for node in body:
            if isinstance(node, ast.Assign) and targets(node) == ["__all__"]:
                try:
                    names = set(ast.literal_eval(node.value))
                except ValueError:
                    break
                self.listed.add(path)
                # Others are imported from the modules of the auto classes too, such as MODEL_MAPPING_NAMES.
                if not path.startswith("models.auto."):
                    return names
        return {name for node in body for name in targets(node) if not name.startswith("_")} - {"logger"}

    def _imported(self, path: str, seen: set[str]) -> set[str]:
        name, found = path.rstrip("."), set()
        for node in statements(self.trees[path].body):
            if not isinstance(node, ast.ImportFrom) or not node.level:
                continue
            package = [part for part in path.split(".")[:-1] if part]
            base = ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])
            for alias in node.names:
                if alias.name != "*":
                    found.add(alias.asname or alias.name)
                elif base in self.own and base not in seen:
                    source = base if base in self.trees else f"{base}."
                    found |= self.own[base]
                    if base not in self.listed:
                        found |= self._imported(source, {*seen, base})
        return {each for each in found if not each.startswith("_")} - self.own[name] - {"logger"}


# What the tasks of a family's models work on, by parts of their names.
TASKS = {
    "time series": ("TIME_SERIES",),
    "audio": ("AUDIO", "CTC", "SPEECH", "SPECTROGRAM", "WAVEFORM", "TDT", "RNNT"),
    "vision": (
        *("IMAGE", "OBJECT", "DEPTH", "SEGMENTATION", "BACKBONE", "KEYPOINT", "MASK_GENERATION", "POINTMAP", "POSE"),
        *("NORMAL", "RECOGNITION", "VIDEO", "VISUAL", "MULTIMODAL", "DOCUMENT", "TABLE"),
    ),
    "text": ("CAUSAL_LM", "MASKED_LM", "SEQUENCE_", "TOKEN_CLASS", "QUESTION_ANSWERING", "TEXT_ENCODING"),
}
# Files that only families of one kind have.
FILES = {"vision": ("image_processing", "video_processing"), "audio": ("feature_extraction",)}


def families(root: Path) -> dict[str, str]:
    """The kind of each family, by the folder of its modules: text, vision (alone or with text), audio, ..."""
    tasks: dict[str, set[str]] = {}
    for name in dir(modeling_auto):
        if name.endswith("_MAPPING_NAMES") and name not in ("CONFIG_MAPPING_NAMES", "MODEL_MAPPING_NAMES"):
            task = name.removeprefix("MODEL_FOR_").removesuffix("_MAPPING_NAMES")
            for model_type in getattr(modeling_auto, name):
                folder = auto_mappings.SPECIAL_MODEL_TYPE_TO_MODULE_NAME.get(model_type, model_type).replace("-", "_")
                tasks.setdefault(folder, set()).add(task)
    found = {}
    for folder in sorted(file.name for file in (root / "models").iterdir() if (file / "__init__.py").is_file()):
        files = [file.stem for file in (root / "models" / folder).glob("*.py")]
        kinds = [kind for kind, starts in FILES.items() if any(file.startswith(starts) for file in files)]
        kinds += [
            kind
            for kind, parts in TASKS.items()
            if any(part in task for task in tasks.get(folder, ()) for part in parts)
        ]
        if not any(file.startswith("modeling") for file in files) and not kinds:
            kinds = ["text"]
        found[folder] = kinds[0] if kinds else "other"
    return found


def top_level(in_models: set[str]) -> list[str]:
    """The names of the package itself that are no modules and in no module of a family."""
    named = {name for name in transformers.__all__ if not name.startswith("_") and name not in transformers._modules}
    return sorted(named - in_models)


def members(name: str) -> list[str]:
    """The public methods and properties of a class."""
    cls: Any = getattr(transformers, name)
    found = inspect.getmembers(cls, lambda value: callable(value) or inspect.isdatadescriptor(value))
    return sorted(member for member, _ in found if not member.startswith("_"))


def aliases(surface: Surface) -> None:
    """Adds the paths of version 4 that lead to modules of version 5."""
    for alias in ("image_processing_utils_fast", "tokenization_utils", "tokenization_utils_fast"):
        module = import_module(f"transformers.{alias}")
        named = {name for name in dir(module) if not name.startswith("_") and name != "logger"}
        defined = {n for n in named if str(getattr(getattr(module, n), "__module__", "")).startswith("transformers")}
        surface.own[alias], surface.imported[alias] = set(), defined


def main() -> None:
    """Writes the list."""
    warnings.simplefilter("ignore")
    root = Path(transformers.__file__).parent
    surface = Surface(root)
    aliases(surface)
    in_models = {name for path, own in surface.own.items() if path.startswith("models.") for name in own}
    lines = [f"# Written by ci/reference/surface.py with transformers {transformers.__version__}.", "", "[families]"]
    kinds = families(root)
    lines += [f"{folder}: {kind}" for folder, kind in kinds.items()]
    lines += ["", "[names]  of the package that are in no module of a family"]
    lines += top_level(in_models)
    lines += ["", "[modules]  path: its own names | names of other modules"]
    for path, own in sorted(surface.own.items()):
        parts = path.split(".")
        # Nobody imports what other modules define from a family's module of images or sounds.
        is_listed = parts[0] != "models" or len(parts) > 1 and kinds.get(parts[1], "text") == "text"
        imported = " ".join(sorted(surface.imported[path])) if is_listed else ""
        lines.append(f"{path}: {' '.join(sorted(own))} | {imported}".rstrip(" |"))
    lines += ["", "[classes]  name: its members"]
    lines += [f"{name}: {' '.join(members(name))}" for name in CLASSES]
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
