"""Parameters of models: whether they require gradients, and changes in place."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers import Tensor
from trustformers.errors import InputError, UnsupportedError
from trustformers.tensor import no_grad

GOLDENS = Path(__file__).parent.parent / "goldens"
GPTQ = GOLDENS / "quantized/gptq"
IDS = [[5, 7, 9], [1, 2, 3]]


@pytest.fixture
def bert() -> Any:
    return tf.AutoModelForSequenceClassification.from_pretrained(GOLDENS / "encoders/bert", dtype="float32")


@pytest.fixture
def llama() -> Any:
    return tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama", dtype="float32")


def trainable(model: Any) -> int:
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def test_parameters_require_gradients_until_they_are_frozen(bert: Any) -> None:
    total = bert.num_parameters()
    assert trainable(bert) == bert.num_parameters(only_trainable=True) == total
    for parameter in bert.bert.parameters():
        parameter.requires_grad = False
    gc.collect()
    head = sum(parameter.numel() for parameter in bert.classifier.parameters())
    assert trainable(bert) == bert.num_parameters(only_trainable=True) == head
    assert trainable(bert.bert) == bert.bert.num_parameters(only_trainable=True) == 0
    for other in (copy.deepcopy(bert), pickle.loads(pickle.dumps(bert))):
        assert trainable(other) == head
        other.requires_grad_(True)
        assert trainable(other) == total
    assert bert.requires_grad_(False) is bert and trainable(bert) == 0
    assert bert.classifier.requires_grad_() is bert.classifier and trainable(bert) == head
    bert.load_state_dict(bert.state_dict())
    assert trainable(bert) == head
    for name, parameter in bert.named_parameters():
        parameter.requires_grad_(name.startswith("classifier"))
    assert trainable(bert) == head
    assert not any(tensor.requires_grad for tensor in bert.state_dict().values())


def test_a_frozen_base_model_is_copied_with_its_names(bert: Any) -> None:
    bert.bert.embeddings.requires_grad_(False)
    base = pickle.loads(pickle.dumps(bert.bert))
    frozen = [name for name, parameter in base.named_parameters() if not parameter.requires_grad]
    assert frozen and all(name.startswith("embeddings.") for name in frozen)


def test_a_parameter_is_one_object_and_converts_to_numpy(bert: Any) -> None:
    weight = bert.classifier.weight
    assert weight is bert.classifier.weight is dict(bert.named_parameters())["classifier.weight"]
    assert weight.requires_grad and weight.is_leaf and weight.grad is None
    np.testing.assert_array_equal(weight.numpy(), weight.detach().numpy())
    np.testing.assert_array_equal(np.asarray(weight), np.array(weight.tolist(), np.float32))
    assert not weight.numpy().flags.writeable and not weight.detach()[0].numpy().flags.writeable
    assert (weight * 2).requires_grad and not weight.data.requires_grad


def test_quantized_weights_require_no_gradients() -> None:
    model: Any = tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama", load_in_8bit=True)
    assert 0 < trainable(model) == model.num_parameters(only_trainable=True) < model.num_parameters()
    assert not model.model.layers[0].mlp.up_proj.weight.requires_grad
    with pytest.raises(InputError, match=r"up_proj\.weight is quantized"):
        model.model.layers[0].mlp.up_proj.weight.requires_grad = True
    model.model.norm.requires_grad_(False)
    assert not model.model.norm.weight.requires_grad


def test_a_loss_in_evaluation_mode_has_gradients_of_weights(bert: Any) -> None:
    loss = bert(Tensor(IDS), labels=Tensor([0, 1])).loss
    assert loss.requires_grad and loss.item() > 0
    loss.backward()
    gradient = bert.classifier.bias.grad.numpy()
    step = Tensor([1e-2, 0.0, 0.0])
    losses = []
    for sign in (1, -1):
        with no_grad():
            bert.classifier.bias.add_(sign * step)
            losses.append(bert(Tensor(IDS), labels=Tensor([0, 1])).loss.item())
            bert.classifier.bias.sub_(sign * step)
    assert (losses[0] - losses[1]) / 2e-2 == pytest.approx(gradient[0], rel=1e-2)
    (bert(Tensor(IDS), labels=Tensor([0, 1])).loss / 2).backward()
    np.testing.assert_allclose(bert.classifier.bias.grad.numpy(), 1.5 * gradient, rtol=1e-4)
    bert.zero_grad()
    assert bert.classifier.bias.grad is None
    with no_grad():
        assert not bert(Tensor(IDS), labels=Tensor([0, 1])).loss.requires_grad
    bert.requires_grad_(False)
    assert not bert(Tensor(IDS), labels=Tensor([0, 1])).loss.requires_grad
    assert isinstance(bert(IDS, labels=[0, 1]).loss, np.float32)


def changes(model: Any) -> dict[str, Any]:
    """Changes in place of a model's classifier, as scripts write them."""

    def copied() -> None:
        with no_grad():
            model.classifier.weight.copy_(Tensor(np.ones(model.classifier.weight.shape, np.float32)))

    def assigned() -> None:
        model.classifier.weight.data = Tensor(np.ones(model.classifier.weight.shape, np.float32))

    def scaled() -> None:
        model.classifier.weight.data *= 2

    def indexed() -> None:
        model.classifier.weight.data[0] = 0

    def held() -> None:
        weight = model.classifier.weight
        with no_grad():
            weight[1] = 3
            weight += 1

    return {
        "copy_": copied,
        "data": assigned,
        "data *=": scaled,
        "data[0]": indexed,
        "held": held,
        "detach": lambda: model.classifier.weight.detach().zero_(),
        "normal_": lambda: model.classifier.weight.data.normal_(mean=0.0, std=0.02, generator=None),
        "loop": lambda: [parameter.data.zero_() for parameter in model.classifier.parameters()],
        "state_dict": lambda: model.state_dict()["classifier.weight"].mul_(0.5),
    }


@pytest.mark.parametrize("change", ["copy_", "data", "data *=", "data[0]", "held", "detach", "normal_", "loop"])
def test_changes_in_place_change_the_model(change: str, bert: Any, tmp_path: Path) -> None:
    before = bert(IDS).logits
    changes(bert)[change]()
    weight, bias = bert.classifier.weight.numpy(), bert.classifier.bias.numpy()
    logits = bert(IDS).logits
    assert not np.allclose(logits, before)
    np.testing.assert_array_equal(bert.classifier.weight.numpy(), weight)
    reference: Any = tf.AutoModelForSequenceClassification.from_pretrained(GOLDENS / "encoders/bert", dtype="float32")
    own = {"classifier.weight": weight.copy(), "classifier.bias": bias.copy()}
    reference.load_state_dict(own, strict=False)
    np.testing.assert_array_equal(reference(IDS).logits, logits)
    bert.save_pretrained(tmp_path)
    for other in (
        copy.deepcopy(bert),
        pickle.loads(pickle.dumps(bert)),
        tf.AutoModelForSequenceClassification.from_pretrained(tmp_path, dtype="float32"),
    ):
        np.testing.assert_array_equal(other(IDS).logits, logits)


def test_all_parameters_are_changed_at_once(llama: Any) -> None:
    engine = llama._native
    for parameter in llama.parameters():
        parameter.data.mul_(0.5)
    for layer in llama.model.layers:
        layer.mlp.up_proj.weight.data.zero_()
    assert llama._loaded is engine
    state = llama.state_dict()
    assert llama._loaded is engine and not state["model.layers.1.mlp.up_proj.weight"].numpy().any()
    other: Any = tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama", dtype="float32")
    other.load_state_dict({name: tensor.numpy().copy() for name, tensor in state.items()})
    np.testing.assert_array_equal(llama(IDS).logits, other(IDS).logits)
    expected = other.generate([[5, 7]], max_new_tokens=4, do_sample=False)
    np.testing.assert_array_equal(llama.generate([[5, 7]], max_new_tokens=4, do_sample=False), expected)
    assert llama._loaded is not engine


def test_parameters_in_use_follow_the_model(bert: Any) -> None:
    weight, state = bert.classifier.weight, bert.state_dict()
    new = {name: tensor.numpy() * 2 for name, tensor in state.items()}
    expected = weight.numpy() * 2
    bert.load_state_dict(new)
    np.testing.assert_array_equal(weight.numpy(), expected)
    np.testing.assert_array_equal(state["classifier.weight"].numpy(), expected)
    weight.data.add_(1)
    np.testing.assert_array_equal(state["classifier.weight"].numpy(), expected + 1)
    bert(IDS)
    np.testing.assert_array_equal(bert.state_dict()["classifier.weight"].numpy(), expected + 1)


def test_tied_weights_are_changed_together() -> None:
    model: Any = tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/gpt2", dtype="float32")
    before = model(IDS).logits
    with no_grad():
        model.lm_head.weight.mul_(2)
    np.testing.assert_array_equal(model.transformer.wte.weight.numpy(), model.lm_head.weight.numpy())
    assert not np.allclose(model(IDS).logits, before)


def test_changes_that_would_be_lost_are_refused(bert: Any) -> None:
    weight = bert.classifier.weight
    row, data = weight[0], weight.data[0]
    views = [row, data, weight.view(-1), weight.T, weight.detach().reshape(-1), next(iter(weight)), weight.unbind(0)[0]]
    for view in views:
        with pytest.raises(UnsupportedError, match=r"changing classifier\.weight through a view"):
            view.zero_()
    with pytest.raises(UnsupportedError, match=r"changing classifier\.weight through a view"):
        row[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        weight.numpy()[0] = 1
    with pytest.raises(UnsupportedError, match=r"another shape or dtype of classifier\.weight"):
        weight.data = weight.data.half()
    with pytest.raises(UnsupportedError, match=r"another shape or dtype of classifier\.weight"):
        weight.unsqueeze_(0)
    copied = weight[0].clone()
    copied += 1
    rows = weight[np.array([0, 1])]
    rows += 1
    half = weight.half()
    half.zero_()
    assert bert._parameters.changed == {}


def test_changes_of_quantized_checkpoints_are_refused() -> None:
    model: Any = tf.AutoModelForCausalLM.from_pretrained(GPTQ, device="cpu")
    with pytest.raises(UnsupportedError, match=r"model\.norm\.weight, which is of a model with gptq weights"):
        model.model.norm.weight.data.zero_()


def test_weights_quantized_on_loading_are_changed() -> None:
    model: Any = tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama", load_in_8bit=True)
    before = model(IDS).logits
    model.model.layers[0].mlp.down_proj.weight.data.zero_()
    assert model.is_loaded_in_8bit and not np.allclose(model(IDS).logits, before)
    assert not model.model.layers[0].mlp.down_proj.weight.float().numpy().any()


def test_a_model_with_changed_parameters_is_collected() -> None:
    bert: Any = tf.AutoModelForSequenceClassification.from_pretrained(GOLDENS / "encoders/bert", dtype="float32")
    bert.classifier.weight.data.zero_()
    alive = weakref.ref(bert)
    parameters = weakref.ref(bert._parameters)
    del bert
    gc.collect()
    assert alive() is None and parameters() is None


@pytest.mark.parametrize(
    ("path", "options"),
    [(GPTQ, {}), (GOLDENS / "decoders/llama", {"load_in_8bit": True}), (GOLDENS / "decoders/llama", {})],
)
def test_names_are_known_without_reading_weights(path: Path, options: dict[str, Any]) -> None:
    model: Any = tf.AutoModelForCausalLM.from_pretrained(path, **options)
    infos = model._native.parameters()
    weights = model._native.weights()
    assert [info.name for info in infos] == list(weights)
    assert all(tuple(info.shape) == tuple(weights[info.name].shape) for info in infos)
    assert hasattr(model, "lm_head") and not hasattr(model, "cls") and model.base_model_prefix == "model"
    assert any(info.is_quantized for info in infos) == model.is_quantized
    assert [info.name for info in infos if info.is_embedding] == ["model.embed_tokens.weight"]


def test_the_footprint_of_quantized_weights_is_smaller() -> None:
    sizes = []
    choices: list[dict[str, Any]] = [{}, {"load_in_8bit": True}, {"load_in_4bit": True}]
    for options in choices:
        model: Any = tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama", dtype="float32", **options)
        infos = model._native.parameters()
        assert model.get_memory_footprint() == sum(info.num_bytes for info in infos)
        sizes.append(sum(info.num_bytes for info in infos if "proj" in info.name))
        plain = [info for info in infos if not info.is_quantized]
        assert all(info.num_bytes == 4 * np.prod(info.shape) for info in plain)
    # The tiny model's rows are padded to whole panels of the kernels.
    assert sizes[0] > sizes[1] > sizes[2] > 0
