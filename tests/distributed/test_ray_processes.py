"""Actors that die, and pipelines and models in tasks and actors of one's own."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray
from trustformers import AutoModel, AutoModelForSequenceClassification, AutoTokenizer, pipeline, set_num_threads
from trustformers.ray import map_pipeline

pytestmark = pytest.mark.usefixtures("cluster")

GOLDENS = Path(__file__).parents[1] / "goldens"
TEXTS = ["the cat sat on the mat.", "hello", "a cat"]


def parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def map_workers() -> list[int]:
    """The processes of this test's actors of Ray Data."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name = (folder / "cmdline").read_text()
            # Workers are children of the node's raylet, and that of this process.
            if name.startswith("ray::MapWorker") and parent(parent(int(folder.name))) == os.getpid():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes in /proc")
def test_a_killed_actor_is_replaced_and_no_row_is_lost_or_doubled(minilm_path: str) -> None:
    dataset = ray.data.range(3000, override_num_blocks=60)
    texts = dataset.map(lambda row: {"id": row["id"], "text": f"text {row['id']} " * (row["id"] % 20 + 1)})
    embedded = map_pipeline(texts, "sentence-similarity", minilm_path, concurrency=2, batch_size=50)
    ids: list[int] = []
    before: list[int] = []
    after: set[int] = set()
    for batch in embedded.iter_batches(batch_size=50):
        ids += batch["id"].tolist()
        assert batch["embedding"].shape == (len(batch["id"]), 384)
        workers = map_workers()
        if before:
            after.update(workers)
        elif len(workers) == 2:
            before = workers
            os.kill(workers[0], signal.SIGKILL)
    assert after - {*before}
    assert sorted(ids) == list(range(3000))


class Classifier:
    """A pipeline in an actor."""

    def __init__(self, path: str, tokenizer: str) -> None:
        set_num_threads(1)
        self.pipe = pipeline("text-classification", path, tokenizer=tokenizer)

    def classify(self, texts: list[str]) -> Any:
        return self.pipe(texts)


def test_pipelines_work_in_actors() -> None:
    path, words = str(GOLDENS / "encoders" / "bert"), str(GOLDENS / "pipelines" / "tokenizer")
    remote: Any = ray.remote(num_cpus=1)(Classifier)
    actors = [remote.remote(path, words) for _ in range(2)]
    results = ray.get([actor.classify.remote(TEXTS) for actor in actors])
    expected = pipeline("text-classification", path, tokenizer=words)(TEXTS)
    for found in results:
        assert [result["label"] for result in found] == [result["label"] for result in expected]


@ray.remote
def embed(model: Any, tokenizer: Any, texts: list[str]) -> Any:
    return pipeline("sentence-similarity", model, tokenizer=tokenizer).embed(texts)


def test_models_and_tokenizers_are_arguments_of_tasks(minilm_path: str) -> None:
    model, tokenizer = AutoModel.from_pretrained(minilm_path), AutoTokenizer.from_pretrained(minilm_path)
    found = ray.get(embed.remote(model, tokenizer, TEXTS))
    np.testing.assert_allclose(found, pipeline("sentence-similarity", minilm_path).embed(TEXTS), atol=1e-5)


@ray.remote
def logits(model: Any) -> Any:
    return model(np.array([[1, 2, 3]])).logits


def test_a_changed_model_is_sent_with_its_weights() -> None:
    model = AutoModelForSequenceClassification.from_pretrained(GOLDENS / "encoders" / "bert")
    before = model(np.array([[1, 2, 3]])).logits
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    name = next(name for name in weights if name.endswith("classifier.bias"))
    model.load_state_dict({**weights, name: weights[name] + 1})
    np.testing.assert_allclose(ray.get(logits.remote(model)), before + 1, atol=1e-5)


@ray.remote(num_cpus=1)
def nested(path: str) -> int:
    dataset = ray.data.range(20).map(lambda row: {"text": str(row["id"])})
    return int(map_pipeline(dataset, "sentence-similarity", path).count())


def test_a_task_may_map_a_dataset(minilm_path: str) -> None:
    assert ray.get(nested.remote(minilm_path)) == 20
