"""The package around the models: import, devices, command line, errors, forks."""

import importlib
import json
import multiprocessing
import pickle
import runpy
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers
from trustformers import AutoModel, Device, _exports, _reference, errors
from trustformers.cli import main
from trustformers.errors import InputError, TrustformersError, UnsupportedError
from trustformers.models import families
from trustformers.runtime import backend, backends

STUBS = Path(__file__).parent.parent.parent / "ci/python_stubs.py"
COMPATIBILITY = STUBS.with_name("compatibility.py")


def test_importing_loads_neither_numpy_nor_the_engine() -> None:
    code = "import sys, trustformers; print([m for m in ('numpy', 'trustformers_cpu._native') if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_importing_loads_no_room() -> None:
    code = (
        "import sys, trustformers; print(*(m for m in sys.modules if m.startswith('trustformers.') and '._' not in m))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == []


def test_a_module_has_no_name_of_its_own() -> None:
    # The import of the module would hide the name, which is loaded on first use.
    for names in (_exports.NAMES, _exports.PACKAGE_NAMES):
        for module, own in names.items():
            assert module.rpartition(".")[2] not in own, module


ROOMS = ("generation", "models", "pipelines", "runtime", "tokenizers")


@pytest.mark.parametrize("package", ["trustformers", *(f"trustformers.{room}" for room in ROOMS)])
def test_every_public_name_loads(package: str) -> None:
    module = importlib.import_module(package)
    for name in module.__all__:
        assert getattr(module, name) is not None
        assert getattr(trustformers, name, None) in (None, getattr(module, name))
    assert set(module.__all__) <= set(dir(module))
    for absent in ("AutoModle", "pipelin"):
        with pytest.raises(AttributeError, match=f"'{package}' has no attribute '{absent}'"):
            getattr(module, absent)


def test_each_name_has_one_home() -> None:
    for package in ("trustformers", *(f"trustformers.{room}" for room in ROOMS)):
        names = importlib.import_module(package).__all__
        assert len(names) == len(set(names)) > 0
    named = [name for names in (*_exports.NAMES.values(), *_exports.PACKAGE_NAMES.values()) for name in names]
    assert len(named) == len(set(named))


@pytest.mark.parametrize("path", _reference.paths())
def test_modules_of_transformers_have_its_names(path: str) -> None:
    module = importlib.import_module(f"trustformers.{path}")
    for name in _reference.names(path) or ():
        assert getattr(module, name) is not None, name
        assert getattr(trustformers, name, None) in (None, getattr(module, name)), name
    assert module.__spec__ is not None and module.__spec__.name == module.__name__ == f"trustformers.{path}"
    parent, _, name = path.rpartition(".")
    assert getattr(importlib.import_module(f"trustformers.{parent}".rstrip(".")), name) is module


def test_modules_of_families_have_their_classes() -> None:
    from trustformers.models.bert import BertConfig, BertForMaskedLM
    from trustformers.models.bert.configuration_bert import BertConfig as ConfigOfFile
    from trustformers.models.bert.modeling_bert import BertForMaskedLM as ModelOfFile
    from trustformers.models.data2vec.modeling_data2vec_text import Data2VecTextModel
    from trustformers.models.deberta_v2.modeling_deberta_v2 import DebertaV2Model
    from trustformers.models.gemma3.configuration_gemma3 import Gemma3TextConfig

    assert ConfigOfFile is BertConfig is trustformers.BertConfig
    assert ModelOfFile is BertForMaskedLM is trustformers.BertForMaskedLM
    for cls in (Data2VecTextModel, DebertaV2Model, Gemma3TextConfig):
        assert getattr(trustformers, cls.__name__) is cls


def test_every_class_of_a_family_is_in_its_modules() -> None:
    found = {name for path in _reference.paths() if path.startswith("models.") for name in _reference.names(path) or ()}
    assert families.classes().keys() <= found


def test_modules_are_attributes_of_their_packages() -> None:
    code = """
import trustformers
print(trustformers.utils.logging.get_verbosity.__module__, trustformers.modeling_outputs.ModelOutput.__module__)
print(trustformers.models.bert.modeling_bert.__name__, hasattr(trustformers, "trainer_tpu"))
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == [
        "trustformers.utils.logging",
        "trustformers.models.outputs",
        "trustformers.models.bert.modeling_bert",
        "False",
    ]


@pytest.mark.parametrize(
    ("statement", "missing"),
    [
        ("import trustformers.trainer_tpu", "trustformers.trainer_tpu"),
        ("import trustformers.models.bert.modeling_birt", "trustformers.models.bert.modeling_birt"),
        ("from trustformers import AutoModle", "AutoModle"),
        ("from trustformers.models.bert.modeling_bert import BertPooler", "BertPooler"),
    ],
)
def test_an_import_error_names_what_is_missing(statement: str, missing: str) -> None:
    with pytest.raises(ImportError, match=f"'{missing}'"):
        exec(statement)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("from trustformers import ViTModel", "'ViTModel' of transformers; models of images"),
        (
            "from trustformers.integrations import MLflowCallback",
            "'MLflowCallback' .*; logs of a Trainer go to TensorBoard",
        ),
        ("from trustformers.models.bert.modeling_bert import BertForPreTraining", "families have no such head here"),
        ("from trustformers.pipelines.base import load_model", "pipelines have no such part here"),
        (
            "import trustformers.models.led.modeling_led",
            "the module transformers.models.led; this family is not",
        ),
        ("from trustformers.models import vit", "the module transformers.models.vit; models of images and video"),
        ("from trustformers import exporters", "the module transformers.exporters; exporting models to other runtimes"),
    ],
)
def test_an_import_of_what_transformers_has_gives_the_reason(statement: str, reason: str) -> None:
    with pytest.raises(ImportError, match=f"not supported: .*{reason}") as caught:
        exec(statement)
    assert isinstance(caught.value, UnsupportedError) and str(caught.value.name).startswith("transformers.")


def test_an_absent_name_is_no_attribute_and_gives_the_reason() -> None:
    assert not hasattr(trustformers, "ViTModel") and getattr(trustformers, "ViTModel", 1) == 1
    assert not hasattr(trustformers, "exporters") and not hasattr(trustformers.pipelines, "ChunkPipelines")
    module: Any = trustformers
    with pytest.raises(UnsupportedError, match="'ViTModel' of trustformers; models of images") as caught:
        _ = module.ViTModel
    assert isinstance(caught.value, AttributeError)


def test_paths_of_transformers_have_its_names() -> None:
    from trustformers.cache_utils import Cache, DynamicCache
    from trustformers.configuration_utils import PretrainedConfig
    from trustformers.generation.configuration_utils import GenerationConfig
    from trustformers.generation.streamers import TextIteratorStreamer
    from trustformers.generation.utils import GenerationMixin
    from trustformers.modeling_outputs import BaseModelOutputWithPooling
    from trustformers.modeling_utils import PreTrainedModel
    from trustformers.models.auto.configuration_auto import AutoConfig
    from trustformers.models.auto.modeling_auto import AutoModelForCausalLM
    from trustformers.models.auto.tokenization_auto import AutoTokenizer
    from trustformers.pipelines.base import Pipeline
    from trustformers.pipelines.text_classification import TextClassificationPipeline
    from trustformers.tokenization_utils_base import AddedToken, BatchEncoding, PreTrainedTokenizerBase
    from trustformers.tokenization_utils_fast import PreTrainedTokenizerFast
    from trustformers.trainer_utils import set_seed
    from trustformers.utils import ModelOutput, generic, get_json_schema, logging

    assert issubclass(PreTrainedTokenizerFast, PreTrainedTokenizerBase)
    assert generic.ModelOutput is ModelOutput and set_seed is trustformers.set_seed
    assert issubclass(BaseModelOutputWithPooling, ModelOutput) and issubclass(AutoModelForCausalLM, GenerationMixin)
    assert get_json_schema.__module__ == "trustformers.tokenizers.tool_schemas"
    named = (
        *(AddedToken, AutoConfig, AutoModelForCausalLM, AutoTokenizer, BaseModelOutputWithPooling, BatchEncoding),
        *(Cache, DynamicCache, GenerationConfig, Pipeline, PreTrainedModel, PreTrainedTokenizerFast, PretrainedConfig),
        *(TextClassificationPipeline, TextIteratorStreamer),
    )
    for cls in named:
        assert getattr(trustformers, cls.__name__) is cls
    assert trustformers.logging is logging


def test_finding_a_path_does_not_load_its_module() -> None:
    code = """
import importlib.util, pickle, sys
assert importlib.util.find_spec("trustformers.generation.utils") and "trustformers.generation.mixin" not in sys.modules
from trustformers.generation.utils import GenerationMixin
import trustformers.modeling_outputs
print(GenerationMixin.__module__, trustformers.modeling_outputs.MaskedLMOutput.__module__)
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == [
        "trustformers.generation.mixin",
        "trustformers.models.outputs",
    ]


def test_type_stubs_are_up_to_date() -> None:
    done = subprocess.run([sys.executable, STUBS, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_devices_compare_hash_print_and_pickle() -> None:
    assert Device("cpu") == Device.cpu() == Device(Device.cpu()) == Device.auto()
    assert Device.cpu() == "cpu" and Device.cpu() != "cuda" and f"{Device.cpu():>4}" == " cpu"
    assert len({Device.cpu(), Device("cpu"), "cpu"}) == 1
    assert (str(Device.cpu()), repr(Device.cpu())) == ("cpu", "Device('cpu')")
    assert (Device.cpu().type, Device.cpu().index) == ("cpu", None)
    assert pickle.loads(pickle.dumps(Device.cpu())) == Device.cpu()
    cpu = Device.cpu()
    assert cpu.is_cpu() and not (cpu.is_cuda() or cpu.is_rocm() or cpu.is_metal())


def test_devices_have_numbers_as_in_transformers() -> None:
    assert Device(-1) == Device(0) == Device.cpu()
    with pytest.raises(InputError, match="device: 2 is the index"):
        Device(2)
    with pytest.raises(InputError, match="expected a str, an int or a Device, found bool"):
        Device(True)


@pytest.mark.parametrize("kind", ["cuda", "rocm"])
def test_a_device_whose_wheel_is_absent_names_the_command(kind: str) -> None:
    with pytest.raises(UnsupportedError, match=rf'device "{kind}:1".*pip install "trustformers\[{kind}\]"'):
        getattr(Device, kind)(1)


def test_backends_of_other_systems_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert "macOS only" in backend.absence("metal")
    with pytest.raises(UnsupportedError, match="macOS only"):
        Device("mps")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "trustformers[metal]" in backend.absence("cuda") and "Linux only" in backend.absence("rocm")
    assert 'pip install "trustformers[metal]"' in backend.absence("metal")


def test_the_cpu_is_always_available() -> None:
    assert trustformers.HAS_CPU and not trustformers.HAS_CUDA
    assert trustformers.is_available("cpu") and trustformers.device_count("cpu") == 1
    assert not trustformers.is_available("cuda") and trustformers.device_count("mps") == 0
    (processor,) = trustformers.list_devices()
    assert processor.device == Device.cpu() and processor.name and (processor.memory_bytes or 0) > 2**28
    trustformers.synchronize()
    trustformers.synchronize(Device.cpu())
    with pytest.raises(InputError, match="kind: expected one of cuda, rocm, metal, cpu, found 'tpu'"):
        trustformers.device_count("tpu")
    with pytest.raises(AttributeError, match="HAS_TPU"):
        _ = backends.HAS_TPU


def engine(kind: str, *devices: tuple[str, str, int | None, bool], fails: str = "", version: str = "") -> str:
    """The name of a native module that reports these devices."""
    module = types.ModuleType(f"engine_of_{kind}")

    def list_devices(asked: str) -> list[tuple[str, str, int | None, bool]]:
        if asked == kind and fails:
            raise UnsupportedError(fails)
        return list(devices) if asked == kind else []

    vars(module).update(__version__=version or trustformers.__version__, list_devices=list_devices)
    sys.modules[module.__name__] = module
    return module.__name__


GPU = ("cuda:0", "a GPU", 2**34, False)
PROCESSOR = ("cpu", "", None, False)


def test_the_first_backend_with_a_device_is_chosen() -> None:
    without = {"cuda": engine("cuda", fails="no driver"), "rocm": engine("rocm"), "cpu": engine("cpu", PROCESSOR)}
    chosen = backend.choose(without, None)
    assert (
        chosen.kind == "cpu" and chosen.passed_over["cuda"] == "no driver" and "no device" in chosen.passed_over["rocm"]
    )
    assert backend.choose({**without, "cuda": engine("cuda", GPU)}, None)[::2] == ("cuda", {})
    assert backend.choose({"cuda": engine("cuda")}, None).kind == "cuda", "it computes on the processor too"


def test_a_software_driver_is_used_only_on_request() -> None:
    both = {"metal": engine("metal", ("metal:0", "llvmpipe", None, True)), "cpu": engine("cpu", PROCESSOR)}
    chosen = backend.choose(both, None)
    assert chosen.kind == "cpu" and "llvmpipe" in chosen.passed_over["metal"]
    assert backend.choose(both, "metal").kind == backend.choose(both, "mps").kind == "metal"


def test_a_strict_backend_that_cannot_be_used_is_an_error() -> None:
    cpu = {"cpu": engine("cpu", PROCESSOR)}
    with pytest.raises(UnsupportedError, match=r"TRUSTFORMERS_BACKEND=cuda.*trustformers\[cuda\]"):
        backend.choose(cpu, "cuda")
    with pytest.raises(UnsupportedError, match="TRUSTFORMERS_BACKEND=cuda: no driver"):
        backend.choose({"cuda": engine("cuda", fails="no driver"), **cpu}, "cuda")
    with pytest.raises(InputError, match="TRUSTFORMERS_BACKEND: expected one of cuda, rocm, metal, cpu, found 'tpu'"):
        backend.choose(cpu, "tpu")
    with pytest.raises(UnsupportedError, match="no native engine is installed; pip install trustformers-cpu"):
        backend.choose({}, None)


def test_a_wheel_of_another_version_is_skipped_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    old = engine("cuda", GPU, version="0.0.1")
    assert backend.choose({"cuda": old, "cpu": engine("cpu", PROCESSOR)}, None).kind == "cpu"
    command = f'pip install "trustformers[cuda]=={trustformers.__version__}"'
    assert "trustformers-cuda 0.0.1: the versions differ" in caplog.text and command in caplog.text
    with pytest.raises(UnsupportedError, match="the versions differ"):
        backend.choose({"cuda": old}, "cuda")
    with pytest.raises(UnsupportedError, match="the versions differ"):
        backend.choose({"cpu": engine("cpu", PROCESSOR, version="0.0.1")}, None)


def test_a_wheel_that_does_not_load_is_skipped_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    chosen = backend.choose({"cuda": "no_such_module", "cpu": engine("cpu", PROCESSOR)}, None)
    assert chosen.kind == "cpu" and "no_such_module" in chosen.passed_over["cuda"]
    assert "trustformers-cuda cannot be loaded" in caplog.text


def test_installed_backends_are_searched_once() -> None:
    code = """
from trustformers import _native
from trustformers.runtime import backend
calls, installed = [], backend.installed
backend.installed = lambda: calls.append(1) or installed()
_native.model_types, _native.environment, _native.Model
print(len(calls))
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "1"


def test_env_prints_versions_backends_features_and_threads(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["env"]) == 0
    out = capsys.readouterr().out
    parts = ("trustformers-cpu", "device cpu", 'pip install "trustformers[cuda]"', "cpu features in use", "threads")
    for part in (trustformers.__version__, *parts):
        assert part in out


def test_embed_prints_a_table_or_json(minilm_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["embed", "--model", str(minilm_path), "A cat sits.", "A feline sits."]
    assert main(arguments) == 0
    table = capsys.readouterr().out
    assert "A feline sits." in table and "ms per sentence" in table
    assert main([*arguments, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert np.array(result["embeddings"]).shape == (2, 384)
    assert result["similarity"][0][1] == pytest.approx(np.dot(*result["embeddings"]), abs=1e-6)
    assert f"{result['similarity'][0][1]:.2f}" in table


def test_errors_of_the_command_go_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["embed", "--model", str(tmp_path / "absent"), "text"]) == 1
    captured = capsys.readouterr()
    assert captured.out == "" and "absent" in captured.err and "Traceback" not in captured.err


def test_the_command_is_installed() -> None:
    command = Path(sys.executable).parent / "trustformers"
    assert subprocess.check_output([command, "--version"], text=True).split()[1] == trustformers.__version__


def test_every_error_has_a_code_and_a_builtin_base() -> None:
    builtin = (ValueError, OSError, MemoryError, NotImplementedError, RuntimeError)
    for cls in TrustformersError.__subclasses__():
        assert issubclass(cls, builtin) and cls.code != TrustformersError.code
        assert type(errors.from_code(cls.code, "text")) is cls


def _forward_in_child(path: Path, queue: "multiprocessing.Queue[list[float]]") -> None:
    queue.put(AutoModel.from_pretrained(path)([[1, 2, 3]]).last_hidden_state.ravel().tolist())


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_forked_process_computes(bert_golden: Path) -> None:
    expected = AutoModel.from_pretrained(bert_golden)([[1, 2, 3]]).last_hidden_state.ravel().tolist()
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_forward_in_child, args=(bert_golden, queue))
    child.start()
    try:
        assert queue.get(timeout=60) == expected
    finally:
        child.kill()
        child.join()


def test_threads_share_a_model(bert_golden: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    model = AutoModel.from_pretrained(bert_golden)
    inputs = [[[i, i + 1, i + 2]] for i in range(1, 41)]
    expected = [model(ids).last_hidden_state for ids in inputs]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda ids: model(ids).last_hidden_state, inputs))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_other_threads_run_while_the_engine_works(minilm_path: Path) -> None:
    import threading

    model = AutoModel.from_pretrained(minilm_path)
    ids = np.ones((16, 256), np.int64)
    ticks, done = 0, threading.Event()

    def count() -> None:
        nonlocal ticks
        while not done.wait(0.001):
            ticks += 1

    ticker = threading.Thread(target=count)
    ticker.start()
    try:
        before = ticks
        model(ids)
        during = ticks - before
    finally:
        done.set()
        ticker.join()
    assert during > 3


def test_tables_of_transformers_are_up_to_date() -> None:
    done = subprocess.run([sys.executable, COMPATIBILITY, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_name_of_transformers_without_a_state_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(COMPATIBILITY.parent))
    check: dict[str, Any] = runpy.run_path(str(COMPATIBILITY))
    surface = check["reference"]()
    surface.own["brand"] = ["Novelty"]
    surface.imported["brand"] = []
    wrong = check["Table"](surface, check["Ours"]()).wrong
    assert [text.partition(":")[0] for text in wrong] == ["the module brand", "brand.Novelty"]
