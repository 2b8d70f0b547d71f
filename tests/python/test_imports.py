"""ci/checks/python_imports.py, the check for circular imports of the package's modules."""

import runpy
from pathlib import Path
from typing import Any

CHECK: dict[str, Any] = runpy.run_path(str(Path(__file__).parent.parent.parent / "ci/checks/python_imports.py"))
LATE = "import trustformers.b\n\n\ndef f():\n    from trustformers import c\n"
TYPES = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import trustformers.a\n"


def found(folder: Path, *reasons: tuple[str, str], **files: str) -> str:
    """The complaints about a package of these modules."""
    package = folder / "trustformers"
    package.mkdir()
    for name, text in {"__init__": "", **files}.items():
        (package / f"{name}.py").write_text(text)
    complaints: list[str] = CHECK["complaints"](*CHECK["graph"](folder), set(reasons))
    return "\n".join(complaints)


def test_a_circle_through_a_function_is_found(tmp_path: Path) -> None:
    late = ("trustformers.a", "trustformers.c")
    text = found(tmp_path, late, a=LATE, b="", c="from trustformers.a import f\n")
    assert "circle" in text and "trustformers.a" in text and "trustformers.c" in text


def test_an_import_inside_a_function_needs_a_reason(tmp_path: Path) -> None:
    assert found(tmp_path, a=LATE, b="", c="").startswith("trustformers.a imports trustformers.c inside a function")


def test_a_reason_needs_an_import(tmp_path: Path) -> None:
    assert found(tmp_path, ("trustformers.a", "trustformers.b"), a="", b="").startswith(
        "trustformers.a does not import"
    )


def test_imports_for_type_checkers_close_no_circle(tmp_path: Path) -> None:
    late = ("trustformers.a", "trustformers.c")
    assert found(tmp_path, late, a=LATE, b=TYPES, c="") == ""
