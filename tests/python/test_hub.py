"""Loading from the hub: a local server that imitates it, the cache, and offline mode."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPO = "tiny/bert"


class Hub:
    """One repository, and the requests for it."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.requests: list[str] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                pass

            def do_GET(self) -> None:
                hub.requests.append(self.path)
                body, status, headers = hub.answer(self.path, self.headers.get("Range"))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(body)

            do_HEAD = do_GET

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, path: str, asked_range: str | None) -> tuple[bytes, int, dict[str, str]]:
        if path.startswith(f"/api/models/{REPO}"):
            listing = {"sha": COMMIT, "siblings": [{"rfilename": name} for name in self.files]}
            return json.dumps(listing).encode(), 200, {"Content-Type": "application/json"}
        name = path.split("/", 5)[-1] if path.startswith(f"/{REPO}/resolve/") else ""
        if name not in self.files:
            return b"{}", 404, {"X-Error-Code": "RepoNotFound"}
        body = self.files[name]
        headers = {"ETag": f'"{hashlib.sha1(body).hexdigest()}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
        if asked_range is None:
            return body, 200, headers
        first, _, last = asked_range.removeprefix("bytes=").partition("-")
        start, end = int(first), int(last) if last else len(body) - 1
        end = min(end, len(body) - 1)
        headers["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
        return body[start : end + 1], 206, headers


@pytest.fixture
def hub(bert_golden: Path, minilm_path: Path) -> Iterator[Hub]:
    files = {name: (bert_golden / name).read_bytes() for name in ("config.json", "model.safetensors")}
    files |= {name: (minilm_path / name).read_bytes() for name in ("tokenizer.json", "tokenizer_config.json")}
    hub = Hub({**files, "README.md": b"not wanted", "pytorch_model.bin": b"not wanted"})
    yield hub
    hub.server.shutdown()
    hub.server.server_close()


def load(code: str, endpoint: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs code in a process of its own, since a process reads the hub's settings once."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRANSFORMERS_"))}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**clean, "HF_ENDPOINT": endpoint, "HF_HOME": str(home), "NO_PROXY": "*", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


MODEL = f"""
from trustformers import AutoModel
print(AutoModel.from_pretrained({REPO!r})([[1, 2, 3]]).last_hidden_state.shape)
"""


def test_a_model_is_downloaded_once_and_then_found_offline(hub: Hub, tmp_path: Path) -> None:
    first = load(MODEL, hub.endpoint, tmp_path)
    assert first.stdout.strip() == "(1, 3, 40)", first.stderr
    snapshot = tmp_path / "hub" / "models--tiny--bert" / "snapshots" / COMMIT
    assert sorted(path.name for path in snapshot.iterdir()) == ["config.json", "model.safetensors"]
    asked = len([path for path in hub.requests if "resolve" in path])
    second = load(MODEL, hub.endpoint, tmp_path)
    assert second.stdout == first.stdout
    assert len([path for path in hub.requests if "resolve" in path]) == asked, "nothing is downloaded twice"
    offline = load(MODEL, "http://127.0.0.1:9", tmp_path, HF_HUB_OFFLINE="1")
    assert offline.stdout == first.stdout, offline.stderr


def test_a_tokenizer_does_not_download_the_weights(hub: Hub, tmp_path: Path) -> None:
    code = f"from trustformers import AutoTokenizer; print(AutoTokenizer.from_pretrained({REPO!r}).encode('hello'))"
    done = load(code, hub.endpoint, tmp_path)
    assert done.stdout.strip() == "[101, 7592, 102]", done.stderr
    assert not [path for path in hub.requests if path.endswith(("safetensors", ".bin", "README.md"))]


def test_a_gguf_file_is_downloaded_alone(hub: Hub, tmp_path: Path) -> None:
    file = Path(__file__).parent.parent / "goldens" / "gguf" / "qwen2.gguf"
    hub.files["qwen2-Q4_0.gguf"] = file.read_bytes()
    code = f"""
from trustformers import AutoConfig, AutoModelForCausalLM
print(AutoModelForCausalLM.from_pretrained({REPO!r}, gguf_file="qwen2-Q4_0.gguf")([[1, 2, 3]]).logits.shape)
print(AutoConfig.from_pretrained({REPO!r}, gguf_file="qwen2-Q4_0.gguf").hidden_size)
"""
    done = load(code, hub.endpoint, tmp_path)
    assert done.stdout.split("\n")[:2] == ["(1, 3, 96)", "64"], done.stderr
    snapshot = tmp_path / "hub" / "models--tiny--bert" / "snapshots" / COMMIT
    assert [path.name for path in snapshot.iterdir()] == ["qwen2-Q4_0.gguf"]


@pytest.mark.parametrize(
    ("repo", "environment", "parts"),
    [
        ("tiny/absent", {}, ["HubError", "tiny/absent"]),
        (REPO, {"HF_HUB_OFFLINE": "1"}, ["HubError", REPO, "models--tiny--bert", "HF_HUB_OFFLINE"]),
        ("not a repository", {}, ["HubError", "not a repository"]),
    ],
)
def test_unavailable_files_are_named(
    hub: Hub, tmp_path: Path, repo: str, environment: dict[str, str], parts: list[str]
) -> None:
    done = load(MODEL.replace(repr(REPO), repr(repo)), hub.endpoint, tmp_path, **environment)
    assert done.returncode == 1
    for part in parts:
        assert part in done.stderr
