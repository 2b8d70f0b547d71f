"""Training in several processes of MPI: as one process with the same batches; and what happens when one fails."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers import distributed
from trustformers.errors import InputError, UnsupportedError
from trustformers.training import BatchSampler, DistributedDataParallel, DistributedSampler, SequentialSampler
from trustformers.training.shards import IterableShard, ShardedBatchSampler

SCRIPTS = Path(__file__).parent / "processes"
TIMED_OUT = 120


def run(count: int, script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a script in a number of processes, or without a launcher for 0."""
    command = [sys.executable]
    if count:
        if sys.platform == "win32":
            pytest.skip("there is no openmpi for Windows")
        command += ["-m", "trustformers", "launch", "-n", str(count)]
    command += [str(SCRIPTS / script), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **environment}, timeout=TIMED_OUT, check=False
    )


def results(path: Path) -> tuple[Any, dict[str, Any]]:
    with np.load(path / "weights.npz") as file:
        arrays = {name: file[name] for name in file.files}
    return json.loads((path / "log.json").read_text()), arrays


def trained(path: Path, count: int, head: str, **settings: Any) -> tuple[Any, dict[str, Any]]:
    path.mkdir(exist_ok=True)
    done = run(count, "train.py", str(path), head, json.dumps(settings))
    assert done.returncode == 0, done.stdout + done.stderr
    return results(path)


def numbers(log: list[dict[str, float]], names: tuple[str, ...]) -> list[Any]:
    return [[entry[name] for name in names] for entry in log if names[0] in entry]


def assert_equal(found: tuple[Any, dict[str, Any]], expected: tuple[Any, dict[str, Any]]) -> None:
    (log, metrics), (expected_log, expected_metrics) = found[0], expected[0]
    for names in (("loss", "grad_norm", "learning_rate"), ("eval_loss",), ("train_loss",)):
        steps = numbers(expected_log, names)
        np.testing.assert_allclose(numbers(log, names), steps, rtol=1e-4, atol=1e-6)
        assert steps
    assert_equal_weights(found[1], expected[1])
    for name, value in expected_metrics.items():
        if not name.endswith(("_runtime", "_per_second")):
            assert np.isclose(metrics[name], value, rtol=1e-4), name


def assert_equal_weights(found: dict[str, Any], expected: dict[str, Any]) -> None:
    for name, weight in expected.items():
        # The gradients of biases of keys are zero but for rounding, which AdamW divides by its size.
        if not name.endswith("key.bias"):
            np.testing.assert_allclose(found[name], weight, rtol=1e-4, atol=2e-5, err_msg=name)


@pytest.mark.parametrize(
    ("head", "settings"),
    [
        ("classification", {"weight_decay": 0.1}),
        ("causal_lm", {"gradient_accumulation_steps": 2, "lr_scheduler_type": "cosine"}),
        ("causal_lm", {"optim_shard": True, "weight_decay": 0.1}),
    ],
)
def test_several_processes_train_as_one(tmp_path: Path, head: str, settings: dict[str, Any]) -> None:
    common = {"eval_strategy": "epoch", **settings}
    expected = trained(tmp_path / "1", 0, head, per_device_train_batch_size=8, **common)
    for count in (2, 4):
        found = trained(tmp_path / str(count), count, head, per_device_train_batch_size=8 // count, **common)
        assert_equal(found, expected)


def test_training_resumes_in_another_number_of_processes(tmp_path: Path) -> None:
    options = {"eval_strategy": "no", "save_strategy": "steps", "save_steps": 4, "optim_shard": True}
    expected = trained(tmp_path / "1", 0, "causal_lm", per_device_train_batch_size=4, **options)
    trained(tmp_path / "2", 2, "causal_lm", per_device_train_batch_size=2, **options)
    checkpoints = sorted(path.name for path in (tmp_path / "2").glob("checkpoint-*"))
    assert checkpoints == sorted(path.name for path in (tmp_path / "1").glob("checkpoint-*"))
    files = {path.name for path in (tmp_path / "2/checkpoint-4").iterdir()}
    assert {"rng_state.json", "rng_state_1.json", "model.safetensors", "optimizer.safetensors"} <= files
    for source, count in (("1", 2), ("2", 0), ("2", 2)):
        resume = str(tmp_path / source / "checkpoint-4")
        batch = 4 // max(count, 1)
        found = trained(
            tmp_path / "resumed", count, "causal_lm", per_device_train_batch_size=batch, resume=resume, **options
        )
        assert_equal_weights(found[1], expected[1])


def test_only_the_first_process_writes_and_all_stop_together(tmp_path: Path) -> None:
    done = run(2, "train.py", str(tmp_path), "causal_lm", json.dumps({"fault": "stops", "max_steps": 30}))
    assert done.returncode == 0, done.stderr
    log = json.loads((tmp_path / "log.json").read_text())[0]
    assert [entry["step"] for entry in log if "loss" in entry] == [1, 2, 3]
    assert done.stdout.count("'train_loss'") == 1
    assert "the first example" not in done.stderr


def test_other_examples_in_a_process_are_noticed(tmp_path: Path) -> None:
    done = run(2, "train.py", str(tmp_path), "causal_lm", json.dumps({"fault": "shuffles", "max_steps": 1}))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("the first example of rank 0 is not that of rank 1") == 1


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("killed", "rank 1"),
        ("raises", "LookupError: the fault of rank 1"),
        ("hangs", "rank 1 on .* has not come back since operation"),
        ("disagrees", "the number of examples of train_dataset: rank 0 has 40, and rank 1 has 41"),
    ],
)
def test_a_process_that_fails_ends_the_job(tmp_path: Path, fault: str, message: str) -> None:
    options = {"fault": fault, "ddp_timeout": 2, "save_strategy": "steps", "save_steps": 1, "save_total_limit": 1}
    start = time.monotonic()
    done = run(2, "train.py", str(tmp_path), "causal_lm", json.dumps(options))
    assert done.returncode != 0
    assert time.monotonic() - start < TIMED_OUT / 3
    assert re.search(message, done.stdout + done.stderr), done.stdout + done.stderr
    assert not living(str(tmp_path))
    if fault != "disagrees":
        whole = [path for path in tmp_path.glob("checkpoint-*") if (path / "trainer_state.json").is_file()]
        assert whole and all((path / "model.safetensors").is_file() for path in whole)


@pytest.mark.parametrize("status", ["0", "3"])
def test_a_program_that_ends_in_one_process_ends_the_job(status: str) -> None:
    start = time.monotonic()
    done = run(2, "ends.py", status)
    assert done.returncode != 0
    assert time.monotonic() - start < TIMED_OUT / 3
    assert re.search("the program of rank 1 on .* has ended before it", done.stderr), done.stderr


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_launcher_ends_all_processes(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "trustformers", "launch", "-n", "2", str(SCRIPTS / "train.py"), str(tmp_path)]
    options = {"fault": "hangs", "save_strategy": "steps", "save_steps": 1}
    with subprocess.Popen([*command, "causal_lm", json.dumps(options)], start_new_session=True) as process:
        start = time.monotonic()
        while not (tmp_path / "checkpoint-2").is_dir() and time.monotonic() - start < TIMED_OUT / 3:
            time.sleep(0.1)
        assert len(living(str(tmp_path))) > 2
        process.send_signal(number)
        assert process.wait(TIMED_OUT / 3) != 0
    time.sleep(1)
    assert not living(str(tmp_path))


def living(word: str) -> list[str]:
    """The processes that have a word in their command line, if the system can tell."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = path.read_text(errors="replace")
        except OSError:
            continue
        if word in text and "train.py" in text:
            found.append(text)
    return found


def test_a_loop_of_ones_own_averages_gradients(tmp_path: Path) -> None:
    found = {}
    for count in (0, 2):
        (path := tmp_path / str(count)).mkdir()
        done = run(count, "loop.py", str(path))
        assert done.returncode == 0, done.stderr
        found[count] = results(path)
    (own, weights), (expected, expected_weights) = found[2], found[0]
    np.testing.assert_allclose(own["losses"], expected["losses"], rtol=1e-4)
    np.testing.assert_allclose(own["norms"], expected["norms"], rtol=1e-4)
    assert_equal_weights(weights, expected_weights)
    assert own["total"] == [1.0, 2.0] and own["first"] == [11.0, 1.0] and own["objects"] == [1, "x"]
    assert expected["total"] == [0.0, 1.0]


@pytest.mark.parametrize("count", [0, 2])
def test_a_divided_optimizer_takes_named_and_added_groups(count: int) -> None:
    done = run(count, "groups.py")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("state_dict: expected 1 groups of parameters, found 0") == max(count, 1)


def test_other_launchers_are_told_of_this_one(tmp_path: Path) -> None:
    done = run(0, "train.py", str(tmp_path), "causal_lm", RANK="0", WORLD_SIZE="2")
    assert done.returncode != 0 and "trustformers launch -n 2 SCRIPT" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-n", "0", __file__], "--num-processes: expected at least 1, found 0"),
        (["-n", "2", "absent.py"], "absent.py: there is no such file"),
        (["-n", "2", "--hostfile", "absent", __file__], "--hostfile: absent: there is no such file"),
        (["-n", "2", "--launcher", "absent-mpirun", __file__], "absent-mpirun: there is no such program"),
    ],
)
def test_wrong_arguments_of_launch_are_named(arguments: list[str], message: str) -> None:
    command = [sys.executable, "-m", "trustformers", "launch", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMED_OUT, check=False)
    assert done.returncode == 1 and message in done.stderr


def test_one_process_needs_no_launcher() -> None:
    assert (distributed.get_rank(), distributed.get_world_size(), distributed.is_initialized()) == (0, 1, False)
    distributed.barrier()
    tensor = tf.Tensor([1.0, 2.0])
    assert distributed.all_reduce(tensor) is tensor and tensor.tolist() == [1.0, 2.0]
    assert distributed.all_gather_object({"a": 1}) == [{"a": 1}]
    with pytest.raises(InputError, match="src: expected a rank from 0 to 0, found 1"):
        distributed.broadcast(tensor, src=1)
    with pytest.raises(InputError, match="op: expected 'sum' or 'avg', found 'max'"):
        distributed.all_reduce(tensor, "max")
    with pytest.raises(UnsupportedError, match="process_group"):
        DistributedDataParallel(None, process_group=object())


@pytest.mark.parametrize(("count", "batch"), [(10, 2), (7, 2), (3, 4), (16, 2), (1, 3)])
@pytest.mark.parametrize("drop_last", [False, True])
def test_batches_of_processes_are_those_of_one_in_turn(count: int, batch: int, drop_last: bool) -> None:
    size = 3
    sampler = BatchSampler(SequentialSampler(range(count)), batch, drop_last)
    shards = [ShardedBatchSampler(sampler, size, rank) for rank in range(size)]
    parts = [list(shard) for shard in shards]
    assert [len(part) for part in parts] == [len(shard) for shard in shards]
    joined = [index for group in zip(*parts, strict=True) for own in group for index in own]
    whole = [index for own in sampler for index in own]
    if drop_last:
        assert joined == whole[: len(joined)] and len(whole) - len(joined) < size * batch
    else:
        assert joined[:count] == list(range(count)) and len(joined) % (size * batch) == 0
        assert joined[count:] == [index % count for index in range(len(joined) - count)]
    streams = [list(IterableShard(iter(range(count)), batch, drop_last, size, rank)) for rank in range(size)]
    assert streams == [[index for own in part for index in own] for part in parts]
    uneven = [list(ShardedBatchSampler(sampler, size, rank, even=False)) for rank in range(size)]
    assert [batch for batches in zip_longest(*uneven) for batch in batches if batch] == list(sampler)
    assert [len(part) for part in uneven] == [
        len(ShardedBatchSampler(sampler, size, rank, even=False)) for rank in range(size)
    ]
    for rank, part in enumerate(uneven):
        stream = list(IterableShard(iter(range(count)), batch, False, size, rank, even=False))
        assert drop_last or stream == [index for own in part for index in own]
        shards_of_streams = [
            IterableShard(range(count), batch, drop_last, size, rank, even=even) for even in (False, True)
        ]
        assert [len(shard) for shard in shards_of_streams] == [len(list(shard)) for shard in shards_of_streams]


def test_distributed_samplers_have_torchs_orders() -> None:
    # torch 2.15: DistributedSampler(range(11), 3, rank, seed=4), epoch 2.
    expected = [[[2, 7, 5, 6], [0, 1, 9, 10], [8, 4, 3, 2]], [[2, 7, 5], [0, 1, 9], [8, 4, 3]]]
    for drop_last, orders in zip((False, True), expected, strict=True):
        for rank, order in enumerate(orders):
            sampler = DistributedSampler(range(11), 3, rank, seed=4, drop_last=drop_last)
            sampler.set_epoch(2)
            assert list(sampler) == order and len(sampler) == len(order)
    assert list(DistributedSampler(range(5), 2, 1, shuffle=False)) == [1, 3, 0]
    with pytest.raises(InputError, match="rank: expected one from 0 to 1, found 2"):
        DistributedSampler(range(5), 2, 2)
