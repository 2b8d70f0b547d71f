"""What the reference's logits processors make of given scores, in the order in which generate() runs them."""

import json
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.numpy import save_file
from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig, PreTrainedModel

VOCAB = 29
PAD, END = 3, 2
NEVER = -float("inf")

SAMPLED: dict[str, dict] = {
    "temperature": {"temperature": 0.7},
    "hot": {"temperature": 2.5},
    "top_k": {"top_k": 5},
    "top_k_beyond_vocab": {"top_k": 1000},
    "top_p": {"top_p": 0.8},
    "top_p_of_one_token": {"top_p": 0.01},
    "top_h": {"top_h": 0.4},
    "min_p": {"min_p": 0.1},
    "typical_p": {"typical_p": 0.6},
    "typical_p_of_one_token": {"typical_p": 0.05},
    "epsilon_cutoff": {"epsilon_cutoff": 0.03},
    "epsilon_cutoff_beyond_all": {"epsilon_cutoff": 0.9},
    "eta_cutoff": {"eta_cutoff": 0.1},
    "several": {"temperature": 1.7, "top_k": 12, "top_p": 0.9},
    "all": {
        "temperature": 1.4,
        "top_k": 20,
        "top_p": 0.95,
        "min_p": 0.02,
        "typical_p": 0.9,
        "epsilon_cutoff": 0.005,
        "eta_cutoff": 0.01,
    },
    "renormalized": {"top_k": 6, "renormalize_logits": True},
    "of_beams": {"num_beams": 2, "top_p": 0.01},
    "of_beams_with_two_ends": {"num_beams": 2, "top_k": 1, "eos_token_id": [END, 7]},
}

# The prompts have 6 of 9 tokens; the tokens are in histories().
PROCESSED: dict[str, dict] = {
    "repetition_penalty": {"repetition_penalty": 1.3},
    "repetition_reward": {"repetition_penalty": 0.8},
    "no_repeat_unigram": {"no_repeat_ngram_size": 1},
    "no_repeat_bigram": {"no_repeat_ngram_size": 2},
    "no_repeat_trigram": {"no_repeat_ngram_size": 3},
    "no_repeat_beyond_history": {"no_repeat_ngram_size": 12},
    "bad_words": {"bad_words_ids": [[5], [11]]},
    "bad_words_of_several": {"bad_words_ids": [[8, 13], [4, 8, 14], [9, 15], [6], [END]]},
    "sequence_bias": {"sequence_bias": [[[5], 1.5], [[8, 13], -2.5], [[4, 8, 14], 4.0], [[9, 15], 3.0]]},
    "suppress_tokens": {"suppress_tokens": [0, 12, 28]},
    "begin_suppress_tokens_later": {"begin_suppress_tokens": [0, 12, 28]},
    "forced_bos_later": {"forced_bos_token_id": 4},
    "forced_eos": {"forced_eos_token_id": 7, "max_length": 10},
    "forced_eos_of_several": {"forced_eos_token_id": [7, 9], "max_length": 10},
    "forced_eos_not_yet": {"forced_eos_token_id": 7, "max_length": 11},
    "min_length": {"min_length": 10},
    "min_length_reached": {"min_length": 9},
    "min_new_tokens": {"min_new_tokens": 4, "eos_token_id": [END, 7]},
    "min_new_tokens_reached": {"min_new_tokens": 3},
    "exponential_decay": {"exponential_decay_length_penalty": [1, 1.2]},
    "several": {"repetition_penalty": 1.3, "no_repeat_ngram_size": 2, "suppress_tokens": [5], "bad_words_ids": [[11]]},
    "then_sampled": {
        "repetition_penalty": 1.2,
        "no_repeat_ngram_size": 2,
        "min_new_tokens": 5,
        "do_sample": True,
        "temperature": 0.8,
        "top_k": 10,
        "top_p": 0.9,
    },
}

AT_BEGIN: dict[str, dict] = {
    "begin_suppress_tokens": {"begin_suppress_tokens": [0, 12, 28]},
    "min_new_tokens": {"min_new_tokens": 1},
}

OF_ONE_TOKEN: dict[str, dict] = {
    "forced_bos": {"forced_bos_token_id": 4},
    "begin_suppress_tokens_after_forced_bos": {"forced_bos_token_id": 4, "begin_suppress_tokens": [0, 4]},
    "no_repeat_bigram": {"no_repeat_ngram_size": 2},
}


def histories() -> np.ndarray:
    """Repeated tokens and pairs, an end that bad words complete, and a row that begins with padding."""
    return np.array(
        [
            [4, 8, 13, 9, 4, 8, 14, 4, 8],
            [5, 5, 5, 7, 5, 6, 5, 5, 5],
            [PAD, PAD, 10, 11, 12, 11, 12, 4, 8],
            [21, 22, 23, 24, 25, 26, 27, 28, 9],
        ]
    )


def scores(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    random = 2.0 * rng.standard_normal((4, VOCAB))
    ties = np.round(rng.standard_normal((4, VOCAB)))
    ties[3] = 0.5
    holes = 2.0 * rng.standard_normal((4, VOCAB))
    holes[rng.random((4, VOCAB)) < 0.4] = NEVER
    holes[3] = NEVER
    holes[3, [6, 17]] = 0.25, -1.0
    return {name: value.astype(np.float32) for name, value in (("random", random), ("ties", ties), ("holes", holes))}


def processed(
    model: PreTrainedModel, ids: np.ndarray, mask: np.ndarray, given: np.ndarray, prompt: int, options: dict
) -> np.ndarray:
    config = GenerationConfig(**({"eos_token_id": END, "pad_token_id": PAD} | options))
    model._prepare_special_tokens(config, True, device="cpu")
    processors = model._get_logits_processor(
        config, input_ids_seq_length=prompt, device="cpu", model_kwargs={"attention_mask": torch.from_numpy(mask)}
    )
    return processors(torch.from_numpy(ids), torch.from_numpy(given).clone()).numpy()


def write(out: Path, seed: int) -> None:
    """sampling.json and sampling.safetensors."""
    sizes = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model("llama", vocab_size=VOCAB, **sizes))
    ids = histories()
    given = scores(seed)
    arrays = {f"scores.{name}": value for name, value in given.items()}
    arrays |= {"input_ids": ids, "attention_mask": (ids != PAD).astype(np.int64)}
    listed = []

    def add(name: str, of: str, seq: int, prompt: int, options: dict) -> None:
        start = ids.shape[1] - seq
        mask = arrays["attention_mask"][:, start : start + prompt]
        found, below, above = (
            processed(model, ids[:, start:], mask, given[of] * np.float32(scale), prompt, options)
            for scale in (1.0, 1.0 - 1e-5, 1.0 + 1e-5)
        )
        kept = np.isfinite(found)
        assert (kept == np.isfinite(below)).all() and (kept == np.isfinite(above)).all(), f"{name}: rounding decides"
        key = f"{name}.{of}"
        assert f"processed.{key}" not in arrays, f"{key} twice"
        assert np.isfinite(found).any(axis=1).all(), f"{key}: no token is left"
        # Which of tokens with equal scores top_p keeps is decided by an unstable sort.
        is_sorted = of == "ties" and "top_p" in options
        arrays[f"processed.{key}"] = -np.sort(-found) if is_sorted else np.ascontiguousarray(found)
        listed.append(
            {"name": key, "scores": of, "seq": seq, "prompt": prompt, "sorted": is_sorted, "options": options}
        )

    for of in given:
        for name, options in SAMPLED.items():
            add(name, of, 9, 6, {"do_sample": True, "eos_token_id": END} | options)
    for name, options in PROCESSED.items():
        add(f"processors_{name}", "random", 9, 6, {"eos_token_id": END} | options)
    for name, options in AT_BEGIN.items():
        add(f"begin_{name}", "random", 9, 9, {"eos_token_id": END} | options)
    for name, options in OF_ONE_TOKEN.items():
        add(f"one_token_{name}", "random", 1, 1, {"eos_token_id": END} | options)
    for name in ("repetition_penalty", "no_repeat_bigram"):
        add(f"processors_{name}", "holes", 9, 6, {"eos_token_id": END} | PROCESSED[name])
    save_file(dict(sorted(arrays.items())), out / "sampling.safetensors")
    manifest = {"seed": seed, "transformers": transformers.__version__, "torch": torch.__version__, "cases": listed}
    (out / "sampling.json").write_text(json.dumps(manifest, indent=2) + "\n")
