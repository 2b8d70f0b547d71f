"""Fails on pages that would fetch something from elsewhere, and on links of the site that lead nowhere.

python ci/checks/site.py FOLDER      # of the built HTML
"""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Elements whose address is fetched when the page is viewed.
FETCHED = {
    "script": ("src",),
    "img": ("src", "srcset"),
    "iframe": ("src",),
    "embed": ("src",),
    "object": ("data",),
    "source": ("src", "srcset"),
    "audio": ("src",),
    "video": ("src", "poster"),
    "use": ("href", "xlink:href"),
    "image": ("href", "xlink:href"),
}
# Relations of `<link>` that a browser follows by itself.
FOLLOWED = {"stylesheet", "icon", "preload", "prefetch", "modulepreload", "preconnect", "dns-prefetch", "manifest"}
IN_STYLE = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s]+)""")
# Text of a script that loads a file from elsewhere, rather than naming an address in a comment or a message.
IN_SCRIPT = re.compile(r"""(?:fetch\(|import\(|importScripts\(|\.src\s*=|\.open\()\s*["'`]((?:https?:)?//[^"'`]+)""")


class Page(HTMLParser):
    """What a page fetches, where it links to, and the names of its places."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.names: set[str] = set()
        self._element = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._element = tag
        given = {name: value or "" for name, value in attrs}
        self.names |= {given[name] for name in ("id", "name") if name in given}
        self.fetched += [given[name] for name in FETCHED.get(tag, ()) if name in given]
        if tag == "link" and FOLLOWED & set(given.get("rel", "").split()):
            self.fetched.append(given.get("href", ""))
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        self.fetched += IN_STYLE.findall(given.get("style", ""))

    def handle_data(self, data: str) -> None:
        if self._element == "style":
            self.fetched += IN_STYLE.findall(data)
        if self._element == "script":
            self.fetched += IN_SCRIPT.findall(data)

    def handle_endtag(self, tag: str) -> None:
        self._element = ""


def is_elsewhere(address: str) -> bool:
    """Whether an address is on another host."""
    return bool(urlsplit(address.strip()).netloc)


def complaints(folder: Path) -> list[str]:
    """A line for each file of another host that a page fetches, and for each link without a target."""
    pages = {file: Page(file.read_text(encoding="utf-8")) for file in sorted(folder.rglob("*.html"))}
    found = []
    for file, page in pages.items():
        name = file.relative_to(folder)
        found += [f"{name}: fetches {address}" for address in page.fetched if is_elsewhere(address)]
        found += [
            f"{name}: links to {link}, which is not there" for link in page.links if not _leads(file, link, pages)
        ]
    for pattern, kind in ((IN_STYLE, "css"), (IN_SCRIPT, "js")):
        for file in sorted(folder.rglob(f"*.{kind}")):
            addresses = pattern.findall(file.read_text(encoding="utf-8"))
            found += [f"{file.relative_to(folder)}: fetches {address}" for address in addresses]
    return found


def _leads(file: Path, link: str, pages: dict[Path, Page]) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
    if not target.is_file():
        return False
    return not parts.fragment or target not in pages or unquote(parts.fragment) in pages[target].names


def main() -> None:
    found = complaints(Path(sys.argv[1]).resolve())
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
