"""Tensors of torch in calls: what is refused by name, and what works as in transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers as tf
from trustformers import Tensor
from trustformers.errors import InputError

GOLDENS = Path(__file__).parent.parent / "goldens"
BERT, LLAMA = GOLDENS / "encoders/bert", GOLDENS / "decoders/llama"
IDS = torch.tensor([[5, 7, 9], [1, 2, 3]])


@pytest.fixture(scope="module")
def llama() -> Any:
    return tf.AutoModelForCausalLM.from_pretrained(LLAMA, dtype="float32")


def test_tensors_of_the_meta_device_are_named(llama: Any) -> None:
    far = torch.ones(2, 3, dtype=torch.long, device="meta")
    with pytest.raises(InputError, match=r"input_ids: the tensor is on meta, and has no elements"):
        llama(far)
    with pytest.raises(InputError, match=r"attention_mask: the tensor is on meta"):
        llama(IDS, attention_mask=far)
    with pytest.raises(InputError, match="inputs: the tensor is on meta"):
        llama.generate(far)


def test_a_tensor_of_torch_decides_what_is_returned(llama: Any) -> None:
    for mask in (np.ones((2, 3)), Tensor(np.ones((2, 3), np.int64)), [[1] * 3] * 2):
        for call in (llama, llama.model):
            assert isinstance(call(IDS, attention_mask=mask)[0], torch.Tensor)
        assert isinstance(llama.generate(IDS, attention_mask=mask, max_new_tokens=2), torch.Tensor)


def test_tensors_that_numpy_cannot_read_are_named(llama: Any) -> None:
    with pytest.raises(InputError, match="input_ids: .*Sparse"):
        llama(IDS.to_sparse())


def test_a_state_dict_of_torch_is_loaded() -> None:
    reference = transformers.AutoModel.from_pretrained(BERT)
    with torch.no_grad():
        for weight in reference.parameters():
            weight.mul_(0.5)
    ours = tf.AutoModel.from_pretrained(BERT)
    assert ours.load_state_dict(dict(reference.named_parameters())) == ([], [])
    np.testing.assert_allclose(
        ours(IDS).last_hidden_state.numpy(), reference(IDS).last_hidden_state.detach().numpy(), atol=1e-5
    )
    name = "embeddings.LayerNorm.bias"
    for weight, found in (
        (torch.zeros(40, dtype=torch.complex64), "of dtype torch.complex64"),
        (torch.zeros(40, device="meta"), "on the meta device"),
    ):
        with pytest.raises(InputError, match=f'state_dict: "{name}" is {found}'):
            ours.load_state_dict({name: weight}, strict=False)
    eighth = torch.full((40,), 0.125).to(torch.float8_e4m3fn)
    ours.load_state_dict({name: eighth}, strict=False)
    assert set(ours.get_parameter(name).tolist()) == {0.125}


def test_base_models_give_what_inputs_are(llama: Any) -> None:
    output = llama.model(IDS, output_hidden_states=True)
    assert isinstance(output.last_hidden_state, torch.Tensor)
    assert output.last_hidden_state is not None and torch.equal(output.last_hidden_state, output.hidden_states[-1])


def test_dummy_inputs_are_those_of_transformers(llama: Any) -> None:
    expected = transformers.AutoModel.from_pretrained(BERT).dummy_inputs
    assert torch.equal(llama.dummy_inputs["input_ids"], expected["input_ids"])


def test_inputs_of_steps_are_those_of_transformers(llama: Any) -> None:
    reference = transformers.AutoModelForCausalLM.from_pretrained(LLAMA, dtype=torch.float32)
    mask = torch.ones_like(IDS)
    positions = torch.arange(3)[None].expand(2, 3)
    for arguments in (
        {"attention_mask": mask, "use_cache": True},
        {"next_sequence_length": 1, "attention_mask": mask, "position_ids": positions},
        {"inputs_embeds": torch.zeros(2, 3, 40), "is_first_iteration": True, "labels": IDS},
    ):
        found, expected = (model.prepare_inputs_for_generation(IDS, **arguments) for model in (llama, reference))
        found, expected = ({k: v for k, v in one.items() if v is not None} for one in (found, expected))
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            assert torch.equal(found[name], value) if isinstance(value, torch.Tensor) else found[name] == value


def test_nested_tensors_are_named(llama: Any) -> None:
    rows = [torch.zeros(3, dtype=torch.long), torch.zeros(2, dtype=torch.long)]
    for layout in (torch.jagged, torch.strided):
        for call in (llama, llama.generate):
            with pytest.raises(InputError, match="input_ids: expected rows of one length, found a nested tensor"):
                call(input_ids=torch.nested.nested_tensor(rows, layout=layout))


def test_generation_without_a_prompt_gives_tensors_of_torch(llama: Any) -> None:
    assert isinstance(llama.generate(max_new_tokens=2), torch.Tensor)
    assert isinstance(llama.generate([[5, 7]], max_new_tokens=2), np.ndarray)


def test_scores_of_generation_are_float32_as_in_transformers() -> None:
    found = []
    for library in (transformers, tf):
        model = library.AutoModelForCausalLM.from_pretrained(LLAMA, dtype=torch.bfloat16)
        kwargs = {"output_scores": True, "output_logits": True, "return_dict_in_generate": True}
        output = model.generate(torch.tensor([[5, 7]]), max_new_tokens=2, do_sample=False, **kwargs)
        found.append((output.scores[0].dtype, output.logits[0].dtype))
    assert found == [(torch.float32, torch.float32)] * 2
