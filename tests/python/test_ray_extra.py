"""trustformers.ray without Ray."""

import subprocess
import sys

import pytest
import trustformers
from trustformers.errors import UnsupportedError

MESSAGE = r"not supported: trustformers.ray without ray; pip install 'trustformers\[ray\]' installs it"


@pytest.fixture(autouse=True)
def _without_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ray", "ray.data"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "trustformers.ray", raising=False)
    monkeypatch.delitem(vars(trustformers), "ray", raising=False)


def test_the_import_names_the_command() -> None:
    with pytest.raises(ImportError, match=MESSAGE) as caught:
        from trustformers.ray import map_pipeline  # noqa: F401
    assert isinstance(caught.value, UnsupportedError)
    assert caught.value.name == "ray"


def test_the_attribute_names_the_command() -> None:
    with pytest.raises(ImportError, match=MESSAGE):
        _ = trustformers.ray


def test_the_package_does_not_import_it() -> None:
    code = "import sys, trustformers; trustformers.pipeline; print('ray' in sys.modules or 'pyarrow' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
