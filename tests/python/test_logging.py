"""trustformers.utils.logging: the verbosity of the package's logger."""

import subprocess
import sys

import pytest
from trustformers.utils import logging

PROGRAM = """
import logging as standard
from trustformers import logging
{}
for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
    logging.get_logger().log(level, standard.getLevelName(level))
"""


def shown(setting: str) -> list[str]:
    """The levels of the messages that reach stderr."""
    command = [sys.executable, "-c", PROGRAM.format(setting)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stderr.split()


def test_the_verbosity_selects_the_messages() -> None:
    assert shown("") == ["WARNING", "ERROR"]
    assert shown("logging.set_verbosity_debug()") == ["DEBUG", "INFO", "WARNING", "ERROR"]
    assert shown("logging.set_verbosity_info()") == ["INFO", "WARNING", "ERROR"]
    assert shown("logging.set_verbosity_error(); logging.set_verbosity_warning()") == ["WARNING", "ERROR"]
    assert shown("logging.set_verbosity_error()") == ["ERROR"]
    assert shown("logging.set_verbosity(logging.CRITICAL)") == []


def test_a_program_that_configured_logging_prints_messages_once() -> None:
    assert shown("logging.set_verbosity_error(); standard.basicConfig(format='%(message)s')") == ["ERROR"]


def test_the_verbosity_is_the_level_of_the_logger(caplog: pytest.LogCaptureFixture) -> None:
    before = logging.get_logger().level
    try:
        logging.set_verbosity_info()
        assert logging.get_verbosity() == logging.INFO == logging.get_logger("trustformers").level
        logging.get_logger().info("known")
        assert "known" in caplog.text
    finally:
        logging.get_logger().setLevel(before)
    assert logging.get_logger("another").name == "another"
