"""`import transformers` after `import trustformers.alias`, and programs that `python -m trustformers.alias` runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

VERSION = "5.23.0"
# A package named transformers, as an environment that has the real one.
PRESENT = 'raise SystemExit("the other package was imported")\n'


def run(*arguments: str, folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A new interpreter's run of this code, in a folder whose packages it finds."""
    path = os.pathsep.join((str(folder), *sys.path))
    settings = {**os.environ, "PYTHONPATH": path, **environment}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, cwd=folder, env=settings
    )


def printed(code: str, folder: Path) -> str:
    done = run("-c", code, folder=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(params=["absent", "present"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "present":
        (tmp_path / "transformers").mkdir()
        (tmp_path / "transformers/__init__.py").write_text(PRESENT)
        (tmp_path / "transformers-4.0.0.dist-info").mkdir()
        (tmp_path / "transformers-4.0.0.dist-info/METADATA").write_text("Name: transformers\nVersion: 4.0.0\n")
    return tmp_path


def test_modules_are_the_same_objects(folder: Path) -> None:
    code = """
import trustformers.alias
import transformers, trustformers
import transformers.models.bert.modeling_bert as theirs
import transformers.utils.logging
from transformers.models.auto import AutoModel
from transformers import BertConfig, PreTrainedConfig
import trustformers.models.bert.modeling_bert as ours
assert theirs is ours is transformers.models.bert.modeling_bert
assert transformers.utils.logging is trustformers.utils.logging is transformers.utils.logging
assert transformers.models is trustformers.models and AutoModel is trustformers.AutoModel
assert isinstance(BertConfig(), trustformers.PreTrainedConfig) and PreTrainedConfig is trustformers.PreTrainedConfig
for module in (theirs, transformers.models, transformers.utils):
    assert module.__spec__.name == module.__name__ and module.__name__.startswith("trustformers.")
assert set(transformers.__all__) == set(trustformers.__all__) and "AutoModel" in dir(transformers)
print(transformers.__name__, transformers.__version__, trustformers.__version__ == transformers.__version__)
"""
    assert printed(code, folder) == f"transformers {VERSION} False"


def test_metadata_and_specs_are_those_of_the_alias(folder: Path) -> None:
    code = """
import trustformers.alias, trustformers.alias as again, importlib.metadata as metadata, importlib.util as util, sys
spec = util.find_spec("transformers")
print(metadata.version("transformers"), metadata.metadata("transformers")["Name"], spec.name)
assert util.find_spec("transformers.generation.utils") and util.find_spec("transformers.no_such_module") is None
assert metadata.version("numpy") and len([f for f in sys.meta_path if "alias" in type(f).__module__]) == 1
import importlib
importlib.reload(again)
assert len([f for f in sys.meta_path if type(f).__name__ == "_Finder"]) == 1
"""
    assert printed(code, folder) == f"{VERSION} transformers transformers"


def test_peft_is_that_of_trustformers(folder: Path) -> None:
    (folder / "peft").mkdir()
    (folder / "peft/__init__.py").write_text(PRESENT)
    code = """
import trustformers.alias
import peft, trustformers.peft
from peft import LoraConfig, PeftModel, get_peft_model
assert peft is trustformers.peft and peft.__spec__.name == "trustformers.peft"
assert LoraConfig is trustformers.peft.LoraConfig
for line in ("import peft.tuners.lora", "from peft.utils import X", "from peft import IA3Config"):
    try:
        exec(line)
    except ImportError as error:
        print(isinstance(error, trustformers.errors.UnsupportedError), error)
"""
    found = printed(code, folder).splitlines()
    assert [line.split(";")[0] for line in found] == [
        "True not supported: the module peft.tuners",
        "True not supported: the module peft.utils",
        "True not supported: 'IA3Config' of peft",
    ]
    assert "import names from peft itself" in found[0]


def test_what_is_set_on_the_module_is_set_on_ours(tmp_path: Path) -> None:
    code = """
import trustformers.alias
import transformers, trustformers
from unittest import mock
with mock.patch("transformers.pipeline", 7):
    assert trustformers.pipeline == transformers.pipeline == 7
print(trustformers.pipeline is transformers.pipeline is not 7)
"""
    assert printed(code, tmp_path) == "True"


def test_an_earlier_import_of_transformers_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "transformers.py").write_text("")
    done = run("-c", "import transformers, trustformers.alias", folder=tmp_path)
    assert done.returncode == 1
    assert "ImportError: transformers was imported before trustformers.alias, from" in done.stderr
    assert "import trustformers.alias first" in done.stderr


@pytest.mark.parametrize("name", ["no_such_module", "models.no_such_family", "generation.utils2"])
def test_an_absent_module_is_named(name: str, tmp_path: Path) -> None:
    code = f"""
import trustformers.alias
try:
    import transformers.{name}
except ModuleNotFoundError as error:
    print(error.name)
"""
    assert printed(code, tmp_path) == f"transformers.{name}"


SCRIPT = """
import sys
import beside
from transformers import AutoConfig
if __name__ == "__main__":
    import __main__
    print(__main__.beside.__name__, AutoConfig.__module__.partition(".")[0], __file__, sys.argv, __spec__)
    raise SystemExit(int(sys.argv[1]))
"""


def test_scripts_run_as_python_runs_them(folder: Path) -> None:
    scripts = folder / "scripts"
    scripts.mkdir()
    (scripts / "beside.py").write_text("")
    (scripts / "script.py").write_text(SCRIPT)
    done = run("-m", "trustformers.alias", "scripts/script.py", "3", "-m", "--x", folder=folder)
    assert done.returncode == 3, done.stderr
    assert done.stdout.split(maxsplit=3) == [
        "beside",
        "trustformers",
        str(scripts / "script.py"),
        "['scripts/script.py', '3', '-m', '--x'] None\n",
    ]


def test_modules_run_as_python_runs_them(folder: Path) -> None:
    (folder / "beside.py").write_text("")
    (folder / "program.py").write_text(SCRIPT.replace("__spec__", "__spec__.name"))
    done = run("-m", "trustformers.alias", "-m", "program", "0", folder=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(f"['{folder / 'program.py'}', '0'] program\n")


def test_errors_of_a_script_show_its_own_lines(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("def f():\n    raise ValueError('wrong')\n\n\nf()\n")
    alone = run("script.py", folder=tmp_path)
    under = run("-m", "trustformers.alias", "script.py", folder=tmp_path)
    assert under.returncode == alone.returncode == 1
    assert under.stderr.replace(str(tmp_path) + os.sep, "") == alone.stderr.replace(str(tmp_path) + os.sep, "")
    (tmp_path / "script.py").write_text("raise SystemExit('the end')\n")
    ended = run("-m", "trustformers.alias", "script.py", folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (1, "the end\n")


def test_a_command_line_without_a_program_is_explained(tmp_path: Path) -> None:
    for arguments in ([], ["-m"], ["-x", "script.py"]):
        done = run("-m", "trustformers.alias", *arguments, folder=tmp_path)
        assert done.returncode == 2 and done.stderr.startswith("usage: python -m trustformers.alias SCRIPT")
    absent = run("-m", "trustformers.alias", "absent.py", folder=tmp_path)
    assert absent.returncode == 2 and "absent.py" in absent.stderr and "Traceback" not in absent.stderr


SPAWNS = """
import multiprocessing
from transformers import BertConfig

def home(_: int) -> str:
    return BertConfig.__module__

if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(home, [1]))
"""


@pytest.mark.parametrize("first", [["-m", "trustformers.alias"], []])
def test_processes_of_a_script_have_the_alias(first: list[str], tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(("" if first else "import trustformers.alias") + SPAWNS)
    done = run(*first, "script.py", folder=tmp_path)
    assert done.stdout == "['trustformers.models.families']\n", done.stderr
