"""docs/extensions/hub.py, the hub of the documentation's build."""

import os
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HUB: Any = runpy.run_path(str(Path(__file__).parents[2] / "docs/extensions/hub.py"))["Hub"]


@pytest.fixture
def hub(bert_copy: Path, tmp_path: Path) -> Iterator[Any]:
    (tmp_path / "models" / "tiny").mkdir(parents=True)
    bert_copy.rename(tmp_path / "models" / "tiny" / "bert")
    hub = HUB(tmp_path / "models")
    yield hub
    hub.close()


def test_repositories_are_loaded_by_name(hub: Any, tmp_path: Path) -> None:
    code = "from trustformers import AutoModel; print(AutoModel.from_pretrained('tiny/bert')([[1, 2]])[0].shape)"
    variables = {"HF_ENDPOINT": hub.endpoint, "HF_HOME": str(tmp_path), "NO_PROXY": "*", "HF_HUB_OFFLINE": ""}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == "(1, 2, 40)", done.stderr


def test_what_is_not_there_is_said_to_be_missing(hub: Any) -> None:
    assert hub.answer("/api/models/tiny/absent/revision/main").headers == {"X-Error-Code": "RepoNotFound"}
    assert hub.answer("/tiny/absent/resolve/main/config.json").headers == {"X-Error-Code": "RepoNotFound"}
    assert hub.answer("/tiny/bert/resolve/main/absent.json").headers == {"X-Error-Code": "EntryNotFound"}


def test_a_range_of_a_file_is_sent(hub: Any) -> None:
    whole = hub.answer("/tiny/bert/resolve/main/config.json")
    part = hub.answer("/tiny/bert/resolve/main/config.json", "bytes=3-5")
    assert (whole.status, part.status, part.body) == (200, 206, whole.body[3:6])
    assert part.headers["Content-Range"] == f"bytes 3-5/{len(whole.body)}"
