"""Training on two hosts, which are network namespaces of this machine; needs root, `ip` and `unshare`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
SCRIPTS = HERE.parent / "python/training/processes"
TIMED_OUT = 120
# What comes back tells whether processes of the job are left, after some seconds for them to end.
LEFT = '"$@"; code=$?; sleep 5; pgrep -f "[m]pi4py .*train.py" && echo "LEFT BEHIND"; exit $code'

pytestmark = pytest.mark.skipif(
    not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("ip") and shutil.which("unshare")),
    reason="two hosts need root, ip and unshare",
)


def run(folder: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Runs a script in two processes, each on a host of its own."""
    agent = [f"--launcher-option={word}" for word in ("--prtemca", "plm_ssh_agent", str(folder / "agent"))]
    launch = [sys.executable, "-m", "trustformers", "launch", "-n", "2", "--hostfile", str(folder / "hosts"), *agent]
    command = [str(HERE / "two_hosts.sh"), str(folder), "sh", "-c", LEFT, "sh", *launch]
    return subprocess.run(
        [*command, str(SCRIPTS / script), *arguments], capture_output=True, timeout=TIMED_OUT, check=False
    )


def test_two_hosts_train_as_one_process(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    options = {"per_device_train_batch_size": 4}
    done = run(tmp_path / "two", "train.py", str(tmp_path / "two"), "causal_lm", json.dumps(options))
    assert done.returncode == 0, done.stderr
    options = {"per_device_train_batch_size": 8}
    alone = [sys.executable, str(SCRIPTS / "train.py"), str(tmp_path / "one"), "causal_lm", json.dumps(options)]
    subprocess.run(alone, check=True, capture_output=True)
    with np.load(tmp_path / "two/weights.npz") as found, np.load(tmp_path / "one/weights.npz") as expected:
        for name in expected.files:
            np.testing.assert_allclose(found[name], expected[name], rtol=1e-4, atol=2e-5, err_msg=name)


def test_a_host_that_is_cut_off_ends_the_job_on_both(tmp_path: Path) -> None:
    options = {"fault": "cut", "max_steps": 1000, "ddp_timeout": 20, "save_strategy": "steps", "save_steps": 1}
    start = time.monotonic()
    done = run(tmp_path, "train.py", str(tmp_path), "causal_lm", json.dumps({**options, "save_total_limit": 1}))
    assert done.returncode != 0
    # The connection is probed after 3 s, and given up after 3 more.
    assert time.monotonic() - start < TIMED_OUT / 2
    host = (tmp_path / "second").read_text().strip().encode()
    assert b"lost communication" in done.stdout + done.stderr and host in done.stdout + done.stderr
    assert b"LEFT BEHIND" not in done.stdout
    [checkpoint] = tmp_path.glob("checkpoint-*")
    assert (checkpoint / "model.safetensors").is_file() and (checkpoint / "trainer_state.json").is_file()
