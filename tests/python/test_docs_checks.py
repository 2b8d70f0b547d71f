"""ci/checks/site.py and ci/checks/pages.py, the checks of the documentation."""

import runpy
from pathlib import Path
from typing import Any

import pytest

CHECKS = Path(__file__).parent.parent.parent / "ci/checks"
SITE: dict[str, Any] = runpy.run_path(str(CHECKS / "site.py"))
PAGES: dict[str, Any] = runpy.run_path(str(CHECKS / "pages.py"))


def of_site(folder: Path, **files: str) -> list[str]:
    """The complaints about a site of these files."""
    for name, text in files.items():
        file = folder / name.replace("__", ".")
        file.write_text(text)
    found: list[str] = SITE["complaints"](folder)
    return found


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<script src="//cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="https://fonts.example/x.css">',
        '<img src="https://example.org/badge.svg">',
        "<style>@import 'https://fonts.example/x.css';</style>",
        '<p style="background: url(https://example.org/x.png)">',
        "<script>fetch('https://example.org/x')</script>",
        '<svg><image href="https://example.org/x.png"/></svg>',
    ],
)
def test_what_is_fetched_from_elsewhere_is_found(tmp_path: Path, text: str) -> None:
    (line,) = of_site(tmp_path, index__html=text)
    assert line.startswith("index.html: fetches ") and "example" in line


def test_style_sheets_and_scripts_of_the_site_are_read(tmp_path: Path) -> None:
    found = of_site(tmp_path, a__css="p { src: url(//fonts.example/x) }", b__js='x.src = "https://example.org/x.js"')
    assert found == ["a.css: fetches //fonts.example/x", "b.js: fetches https://example.org/x.js"]


def test_links_to_other_hosts_are_no_requests(tmp_path: Path) -> None:
    text = '<a href="https://example.org">x</a><link rel="canonical" href="https://a.org/"><img src="data:image/png,x">'
    assert of_site(tmp_path, index__html=text, a__js="// https://example.org") == []


@pytest.mark.parametrize(
    ("link", "leads"),
    [("b.html", True), ("b.html#there", True), ("#here", True), ("", True), ("c.html", False), ("b.html#x", False)],
)
def test_links_of_the_site_need_a_target(tmp_path: Path, link: str, leads: bool) -> None:
    found = of_site(tmp_path, a__html=f'<p id="here"><a href="{link}">x</a>', b__html='<h1 id="there">x</h1>')
    assert (found == []) == leads
    assert leads or found == [f"a.html: links to {link}, which is not there"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("```{code-cell} python\nx = 1\n```\n", None),
        ("```python\nx = 1\n```\n\n*Not run: it needs a GPU.*\n", None),
        ("text\n\n```python\nx = 1\n```\n\nMore text.\n", 3),
        ("```bash\npip install x\n```", 1),
        ("```{toctree}\na\n```\n", None),
    ],
)
def test_a_block_runs_or_says_why_not(tmp_path: Path, text: str, line: int | None) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)
    found: list[str] = PAGES["complaints"](page)
    assert [entry.split(":")[1] for entry in found] == ([] if line is None else [str(line)])
