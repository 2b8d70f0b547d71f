"""A hub on this machine, for the pages that load models by name."""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

__all__ = ["Hub"]

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Answer(NamedTuple):
    """What the hub sends."""

    status: int
    body: bytes
    headers: dict[str, str]


class Hub:
    """Serves every folder `owner/name` of a folder as a repository with one revision."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                pass

            def handle(self) -> None:
                with suppress(ConnectionError):  # a process that ends drops its connections
                    super().handle()

            def do_GET(self) -> None:
                answer = hub.answer(self.path, self.headers.get("Range"))
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(answer.body)

            do_HEAD = do_GET

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def endpoint(self) -> str:
        """The URL, for HF_ENDPOINT."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stops the server."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, asked_range: str | None = None) -> Answer:
        """The answer to a request: the listing of a repository, or a file, or a range of it."""
        if path.startswith("/api/models/"):
            repository, _, _ = path.removeprefix("/api/models/").partition("?")[0].partition("/revision/")
            return self._listing(repository)
        repository, _, rest = path.removeprefix("/").partition("/resolve/")
        file = self._folder / repository / rest.partition("/")[2]
        if not (self._folder / repository).is_dir():
            return _missing("RepoNotFound")
        return _content(file.read_bytes(), asked_range) if file.is_file() else _missing("EntryNotFound")

    def _listing(self, repository: str) -> Answer:
        folder = self._folder / repository
        files = sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
        if not files:
            return _missing("RepoNotFound")
        listing = {"id": repository, "sha": COMMIT, "siblings": [{"rfilename": name} for name in files]}
        return Answer(200, json.dumps(listing).encode(), {"Content-Type": "application/json"})


def _content(body: bytes, asked_range: str | None) -> Answer:
    headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
    if asked_range is None:
        return Answer(200, body, headers)
    first, _, last = asked_range.removeprefix("bytes=").partition("-")
    start, end = int(first), min(int(last) if last else len(body), len(body) - 1)
    return Answer(206, body[start : end + 1], {**headers, "Content-Range": f"bytes {start}-{end}/{len(body)}"})


def _missing(code: str) -> Answer:
    return Answer(404, b"{}", {"X-Error-Code": code})
