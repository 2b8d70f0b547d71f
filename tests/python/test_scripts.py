"""What scripts import from transformers beside models, tokenizers and pipelines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any, Literal, Optional

import numpy as np
import pytest
import trustformers as tf
from trustformers import (
    CONFIG_MAPPING,
    MODEL_FOR_CAUSAL_LM_MAPPING,
    MODEL_MAPPING,
    BertConfig,
    HfArgumentParser,
    Tensor,
    utils,
)
from trustformers.activations import ACT2FN, get_activation
from trustformers.errors import ConfigError, HubError, InputError, UnsupportedError
from trustformers.hf_argparser import HfArg
from trustformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
from trustformers.trainer_utils import EvalPrediction, IntervalStrategy, PredictionOutput, get_last_checkpoint
from trustformers.utils import (
    CONFIG_NAME,
    ContextManagers,
    ModelOutput,
    PaddingStrategy,
    cached_file,
    check_min_version,
    is_numpy_array,
    is_torch_greater_or_equal,
    logging,
    to_py_obj,
)
from trustformers.utils.hub import get_checkpoint_shard_files, has_file
from trustformers.utils.quantization_config import BitsAndBytesConfig, QuantoConfig
from trustformers.utils.versions import require_version, require_version_core

GOLDENS = Path(__file__).parent.parent / "goldens"


class Color(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Arguments:
    steps: int
    rate: float = 1.5
    name: Optional[str] = None  # noqa: UP045  # what scripts write
    fast: bool = False
    shuffle: bool = field(default=True, metadata={"help": "shuffles"})
    color: Color = Color.RED
    level: Literal["low", "high", 3] = "low"
    sizes: list[int] = field(default_factory=list)
    path: str | None = HfArg(default=None, aliases=["-p"], help="a path")
    maybe: bool | None = None


@dataclass
class Others:
    task: str = "mrpc"


@dataclass
class Unions:
    place: str | Path | Color | None = None
    number: int | str = 0


def parsed(*arguments: str, **options: Any) -> Any:
    return HfArgumentParser(Arguments).parse_args_into_dataclasses(list(arguments), **options)[0]


def test_fields_are_options() -> None:
    assert parsed("--steps", "2") == Arguments(2)
    given = parsed(
        "--steps", "2", "--fast", "--no-shuffle", "--level", "3", "--sizes", "1", "2", "-p", "x", "--maybe", "no"
    )
    assert (given.fast, given.shuffle, given.level, given.sizes, given.path, given.maybe) == (
        True,
        False,
        3,
        [1, 2],
        "x",
        False,
    )
    assert (
        parsed("--steps", "2", "--color", "blue").color == "blue"
        and parsed("--steps", "1", "--fast", "0").fast is False
    )
    text = HfArgumentParser(Arguments).format_help()
    assert "--no_shuffle" in text and "a path (default: None)" in text


def test_an_option_of_several_types_with_str_has_the_second_one(tmp_path: Path) -> None:
    (given,) = HfArgumentParser(Unions).parse_args_into_dataclasses(["--place", "a/b", "--number", "3"])
    assert given == Unions(Path("a/b"), 3)
    (settings,) = HfArgumentParser(tf.Seq2SeqTrainingArguments).parse_args_into_dataclasses(
        ["--output_dir", str(tmp_path), "--predict_with_generate", "--generation_config", "a.json"]
    )
    assert settings.predict_with_generate and settings.generation_config == Path("a.json")


def test_wrong_options_end_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in ((), ("--steps", "x"), ("--steps", "1", "--level", "mid"), ("--steps", "1", "--fast", "maybe")):
        with pytest.raises(SystemExit):
            parsed(*wrong)
    assert "maybe" in capsys.readouterr().err
    with pytest.raises(ValueError, match="no such options: --unknown 1"):
        parsed("--steps", "1", "--unknown", "1")
    found = HfArgumentParser(Arguments).parse_args_into_dataclasses(
        ["--steps", "1", "--u"], return_remaining_strings=True
    )
    assert found[-1] == ["--u"]


def test_files_give_options_that_the_command_line_overrides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "first.args").write_text("--steps 1 --rate 2.5\n--fast")
    (tmp_path / "second.args").write_text("--steps 7")
    files = [word for name in ("first", "second") for word in ("--args_file", str(tmp_path / f"{name}.args"))]
    given = parsed(*files, "--rate", "4", args_file_flag="--args_file")
    assert (given.steps, given.rate, given.fast) == (7, 4.0, True)
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "first.py"), "--rate", "3"])
    (given,) = HfArgumentParser(Arguments).parse_args_into_dataclasses()
    assert (given.steps, given.rate) == (1, 3.0)


def test_dicts_and_json_fill_dataclasses(tmp_path: Path) -> None:
    parser = HfArgumentParser((Arguments, Others))
    assert parser.parse_dict({"steps": 1, "task": "cola"}) == (Arguments(1), Others("cola"))
    with pytest.raises(ValueError, match="no such fields: extra"):
        parser.parse_dict({"steps": 1, "extra": 1})
    (tmp_path / "a.json").write_text(json.dumps({"steps": 3, "extra": 1}))
    assert parser.parse_json_file(tmp_path / "a.json", allow_extra_keys=True) == (Arguments(3), Others())


def test_other_options_come_as_a_namespace() -> None:
    parser = HfArgumentParser([Others])
    parser.add_argument("--more", type=int, default=4)
    others, rest = parser.parse_args_into_dataclasses(["--more", "5"])
    assert others == Others() and vars(rest) == {"more": 5}


def test_a_field_of_two_types_is_refused() -> None:
    @dataclass
    class Wrong:
        size: int | float = 1

    with pytest.raises(ValueError, match="size: expected one type"):
        HfArgumentParser(Wrong)


def test_versions_are_compared_as_pip_does() -> None:
    check_min_version("5.23.0")
    check_min_version("4.57.0.dev0")
    with pytest.raises(ImportError, match=r"transformers 99\.0 or later is required"):
        check_min_version("99.0")
    for fulfilled in ("numpy", "numpy>=1.24,<99", "numpy!=0.1", "python>=3.10", "numpy>1.10rc1"):
        require_version(fulfilled)
    with pytest.raises(ImportError, match="numpy<1 is required, but numpy .* is installed\nadvice"):
        require_version("numpy<1", "advice")
    with pytest.raises(PackageNotFoundError, match="no-such-package"):
        require_version_core("no-such-package>=1")
    for wrong in ("numpy>>1", "numpy >=", "numpy=>1"):
        with pytest.raises(ValueError, match="requirement: expected"):
            require_version(wrong)


@pytest.mark.parametrize(
    ("earlier", "later"), [("1.9", "1.10"), ("1.0a1", "1.0rc1"), ("1.0rc1", "1.0"), ("1.0", "1.0.post1")]
)
def test_versions_are_ordered(earlier: str, later: str) -> None:
    from trustformers.utils.requirements import version_key

    assert version_key(earlier) < version_key(later)
    assert version_key("1.0.dev1") < version_key("1.0a1") and version_key("2.0") == version_key("2.0.0+cpu")


def test_the_last_checkpoint_has_the_most_steps(tmp_path: Path) -> None:
    assert get_last_checkpoint(tmp_path) is None
    for name in ("checkpoint-9", "checkpoint-100", "checkpoint-x", "old-checkpoint-200"):
        (tmp_path / name).mkdir()
    (tmp_path / "checkpoint-300").write_text("a file")
    assert get_last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-100")


def test_results_unpack_and_enumerations_are_strings() -> None:
    predictions, labels = EvalPrediction(np.zeros(2), np.ones(2))
    assert predictions.sum() == 0 and labels.sum() == 2 and len(EvalPrediction(1, 2, 3, 4).elements) == 4
    assert PredictionOutput(1, 2, {}).metrics == {}
    members: list[str] = [IntervalStrategy("steps"), IntervalStrategy.STEPS, PaddingStrategy.LONGEST]
    assert members == ["steps", "steps", "longest"]
    with pytest.raises(ValueError, match="IntervalStrategy: expected one of 'no', 'steps', 'epoch', found 'day'"):
        IntervalStrategy("day")


def test_mappings_have_the_classes_of_families() -> None:
    assert CONFIG_MAPPING["bert"] is BertConfig and MODEL_MAPPING[BertConfig] is tf.BertModel
    assert (
        BertConfig not in MODEL_FOR_CAUSAL_LM_MAPPING
        and MODEL_FOR_CAUSAL_LM_MAPPING[tf.LlamaConfig] is tf.LlamaForCausalLM
    )
    types = tuple(config.model_type for config in MODEL_FOR_CAUSAL_LM_MAPPING)
    assert types == tuple(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES) and "gpt2" in types
    wrongs: tuple[Any, ...] = (str, "bert")
    for wrong in wrongs:
        assert wrong not in MODEL_MAPPING
    with pytest.raises(KeyError, match="led"):
        _ = CONFIG_MAPPING["led"]


ERF = {
    "gelu": 0.8413447,
    "gelu_new": 0.8411920,
    "silu": 0.7310586,
    "quick_gelu": 0.8457958,
    "mish": 0.8650984,
    "relu2": 1.0,
}


@pytest.mark.parametrize("name", list(ACT2FN))
def test_activations_take_arrays_and_tensors(name: str) -> None:
    x = np.linspace(-30, 30, 61, dtype=np.float32)
    found = ACT2FN[name](x)
    assert isinstance(found, np.ndarray) and found.dtype == np.float32 and np.isfinite(found).all()
    assert isinstance(ACT2FN[name](Tensor(x)), Tensor)
    np.testing.assert_array_equal(get_activation(name)(Tensor(x)).numpy(), found)
    if name in ERF:
        assert found[31] == pytest.approx(ERF[name], abs=1e-6)


def test_activations_with_parameters_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="prelu"):
        _ = ACT2FN["prelu"]
    with pytest.raises(KeyError, match="no_such"):
        get_activation("no_such")


def test_files_of_directories_are_found() -> None:
    folder = GOLDENS / "encoders/bert"
    assert cached_file(folder, CONFIG_NAME) == str(folder / "config.json") and has_file(folder, "config.json")
    assert cached_file(folder, "absent.json", _raise_exceptions_for_missing_entries=False) is None
    with pytest.raises(HubError, match=r"no file absent\.json"):
        cached_file(folder, "absent.json")
    with pytest.raises(UnsupportedError, match="repo_type='dataset'"):
        cached_file(folder, "a", repo_type="dataset")


@pytest.mark.parametrize("config", [BitsAndBytesConfig(load_in_8bit=True), QuantoConfig("int8")])
def test_quantization_configurations_quantize(config: Any) -> None:
    model: Any = tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama", quantization_config=config)
    assert model.quantization_method == "int8"
    assert type(config).from_dict(config.to_dict()).to_dict() == config.to_dict()


def test_contradicting_quantization_is_refused() -> None:
    with pytest.raises(InputError, match="they contradict each other"):
        BitsAndBytesConfig(load_in_4bit=True, load_in_8bit=True)
    with pytest.raises(UnsupportedError, match="float8"):
        QuantoConfig("float8")
    assert not hasattr(tf, "HqqConfig")


def test_classes_that_are_imported_without_being_used_refuse_their_use() -> None:
    assert not isinstance(object(), tf.AutoProcessor)
    for use in (tf.AutoModelForSpeechSeq2Seq, lambda: tf.AutoModelForSpeechSeq2Seq.from_pretrained("whisper-small")):
        with pytest.raises(UnsupportedError, match="AutoModelForSpeechSeq2Seq'? of transformers"):
            use()
    assert not hasattr(tf.AutoModelForSpeechSeq2Seq, "from_config")
    from trustformers.models.auto.modeling_auto import MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES as SEQ2SEQ

    assert SEQ2SEQ["marian"] == "MarianMTModel"


class OwnConfig(tf.PreTrainedConfig):
    model_type = "of_ones_own"


class Own:
    config_class = OwnConfig

    def __init__(self, config: Any) -> None:
        self.config = config

    @classmethod
    def from_pretrained(cls, path: str, **kwargs: Any) -> Any:
        return cls(OwnConfig.from_pretrained(path, **kwargs))


def test_an_auto_class_uses_a_registered_class(tmp_path: Path) -> None:
    tf.AutoConfig.register("of_ones_own", OwnConfig)
    tf.AutoModel.register(OwnConfig, Own)
    OwnConfig(size=3).save_pretrained(tmp_path)
    model: Any = tf.AutoModel.from_pretrained(tmp_path, size=4)
    assert isinstance(model, Own)
    assert model.config.size == 4
    assert isinstance(tf.AutoModel.from_config(OwnConfig()), Own)
    with pytest.raises(InputError, match="exist_ok"):
        tf.AutoModel.register(OwnConfig, Own)
    with pytest.raises(InputError, match="exist_ok"):
        tf.AutoModel.register(BertConfig, tf.BertModel)
    with pytest.raises(InputError, match="BertModel has the configuration BertConfig"):
        tf.AutoModelForCausalLM.register(OwnConfig, tf.BertModel)


def test_models_of_ones_own_name_their_bases_in_any_order() -> None:
    class First(tf.PreTrainedModel, tf.GenerationMixin):  # type: ignore[misc]  # for type checkers a mixin is a model
        config_class = OwnConfig

    class Second(tf.GenerationMixin, tf.PreTrainedModel):
        config_class = OwnConfig

    kinds: tuple[Any, ...] = (First, Second)
    for kind in kinds:
        with pytest.raises(TypeError, match=r"a model class of one's own.* torch.nn.Module"):
            kind(OwnConfig())
        with pytest.raises(TypeError, match="a model class of one's own"):
            kind.from_pretrained("nowhere")


def test_values_are_converted() -> None:
    entered: list[int] = []

    class Manager:
        def __init__(self, index: int) -> None:
            self.index = index

        def __enter__(self) -> None:
            entered.append(self.index)

        def __exit__(self, *_error: object) -> None:
            entered.append(-self.index)

    with ContextManagers([Manager(1), Manager(2)]):
        pass
    assert entered == [1, 2, -2, -1]
    assert to_py_obj({"a": [np.ones(2), Tensor([1])], "b": (1.5, "x")}) == {"a": [[1.0, 1.0], [1]], "b": [1.5, "x"]}
    assert is_numpy_array(np.ones(1)) and not is_numpy_array([1]) and not is_torch_greater_or_equal("99")


def test_availability_is_a_fact(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tf.utils.is_pandas_available() == (__import__("importlib").util.find_spec("pandas") is not None)
    check: Callable[[], bool] = tf.utils.is_optimum_quanto_available
    assert check() is False and tf.utils.is_torch_xla_available(check_is_tpu=True) is False


def test_messages_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.get_logger("a.script")
    for _ in range(3):
        logger.warning_once("said once")
    assert caplog.text.count("said once") == 1
    assert logging.log_levels["info"] == logging.INFO and not list(logging.EmptyTqdm())
    before = logging.set_tqdm_hook(lambda make, args, kwargs: "hooked")
    assert logging.tqdm([1]) == "hooked" and logging.set_tqdm_hook(before) is not None


def test_other_outputs_are_outputs() -> None:
    from trustformers.modeling_outputs import CausalLMOutputWithCrossAttentions

    out = CausalLMOutputWithCrossAttentions(logits=np.ones(1), attentions=None)
    assert isinstance(out, ModelOutput) and list(out) == ["logits"] and out[0].sum() == 1


def test_the_files_of_a_checkpoint_in_several_files_are_listed(tmp_path: Path) -> None:
    index = tmp_path / "model.safetensors.index.json"
    with pytest.raises(InputError, match=r"index_filename: .*index.json of .* is no file"):
        get_checkpoint_shard_files(tmp_path, index)
    index.write_text("{}")
    with pytest.raises(ConfigError, match="not the index of a checkpoint: 'weight_map'"):
        get_checkpoint_shard_files(tmp_path, index)
    names = ["model-1.safetensors", "model-2.safetensors"]
    weight_map = {"b": names[1], "a": names[0], "c": names[0]}
    index.write_text(json.dumps({"metadata": {"total_size": 12}, "weight_map": weight_map}))
    with pytest.raises(HubError, match=r"no file model-1.safetensors"):
        get_checkpoint_shard_files(tmp_path, index)
    for name in names:
        (tmp_path / name).touch()
    paths, metadata = get_checkpoint_shard_files(str(tmp_path), str(index))
    assert paths == [str(tmp_path / name) for name in names]
    assert metadata == {"total_size": 12, "all_checkpoint_keys": ["b", "a", "c"], "weight_map": weight_map}


def test_docstrings_are_put_together() -> None:
    @utils.add_start_docstrings("Before. ", "More. ")
    @utils.add_end_docstrings(" After.")
    @utils.replace_return_docstrings(output_type=ModelOutput, config_class="BertConfig")
    @utils.add_code_sample_docstrings(checkpoint="x", output_type=ModelOutput)
    def forward() -> int:
        """Own."""
        return 3

    assert forward.__doc__ == "Before. More. Own. After." and forward() == 3
    assert utils.add_start_docstrings_to_model_forward("It. ")(lambda: None).__doc__ == "It. "


def test_commits_are_read_from_paths() -> None:
    commit = "0123456789abcdef" * 2 + "01234567"
    file = f"/cache/models--x/snapshots/{commit}/config.json"
    assert utils.extract_commit_hash(file, None) == commit
    assert utils.extract_commit_hash(file, "given") == "given"
    assert utils.extract_commit_hash("/cache/snapshots/main/config.json", None) is None


def test_quantizations_are_chosen_by_their_method() -> None:
    from trustformers.quantizers.auto import AutoQuantizationConfig

    found = AutoQuantizationConfig.from_dict({"load_in_4bit": True})
    assert type(found) is tf.BitsAndBytesConfig and found.load_in_4bit
    assert type(AutoQuantizationConfig.from_dict({"quant_method": "quanto", "bits": 4})) is tf.QuantoConfig
    with pytest.raises(UnsupportedError, match="'gptq'"):
        AutoQuantizationConfig.from_dict({"quant_method": "gptq"})
    with pytest.raises(InputError, match="quant_method is missing"):
        AutoQuantizationConfig.from_dict({})
