"""The calls of generate that are compared: whole runs token by token, first distributions, and refusals."""

PROMPT = [3, 17, 5]
LONG = [9, 4, 21, 9, 4, 33, 8, 9, 4]
ONE = [6]
BATCH = [[3, 17, 5], [12], [9, 4, 21, 9, 4]]

GREEDY = [
    {"max_new_tokens": 12},
    {"max_length": 12},
    {},
    {"max_new_tokens": 30, "eos_token_id": 2},
    {"max_new_tokens": 30, "eos_token_id": [2, 11, 30]},
    {"max_new_tokens": 30, "eos_token_id": [1, 8, 14, 22], "pad_token_id": 0},
    {"max_new_tokens": 15, "eos_token_id": [1, 8, 14, 22], "min_new_tokens": 9},
    {"max_new_tokens": 15, "eos_token_id": [1, 8, 14, 22], "min_length": 12},
    {"max_new_tokens": 20, "repetition_penalty": 1.8},
    {"max_new_tokens": 20, "repetition_penalty": 0.4},
    {"max_new_tokens": 20, "no_repeat_ngram_size": 2},
    {"max_new_tokens": 20, "bad_words_ids": [[5], [7, 9], [30], [2]], "eos_token_id": 2},
    {"max_new_tokens": 9, "bad_words_ids": [[2], []], "eos_token_id": 2},
    {"max_new_tokens": 20, "sequence_bias": [[[5], 2.5], [[13], -3.0], [[17, 5], 4.0], [[21], 1.25]]},
    {"max_new_tokens": 20, "suppress_tokens": [1, 2, 3, 8, 14, 99]},
    {"max_new_tokens": 8, "begin_suppress_tokens": list(range(0, 40, 2))},
    {"max_new_tokens": 8, "forced_bos_token_id": 31},
    {"max_new_tokens": 8, "forced_bos_token_id": 31, "begin_suppress_tokens": list(range(1, 40, 2))},
    {"max_new_tokens": 8, "forced_eos_token_id": 2, "eos_token_id": 2},
    {"max_new_tokens": 8, "forced_eos_token_id": [2, 7]},
    {"max_new_tokens": 30, "exponential_decay_length_penalty": [3, 1.4], "eos_token_id": [2, 16]},
    {"max_new_tokens": 9, "remove_invalid_values": True, "suppress_tokens": [4, 5], "renormalize_logits": True},
    {"max_new_tokens": 9, "temperature": 0.3, "top_k": 3, "top_p": 0.5},
    {
        "max_new_tokens": 25,
        "repetition_penalty": 1.2,
        "no_repeat_ngram_size": 3,
        "min_new_tokens": 5,
        "eos_token_id": [1, 8, 14, 22, 30, 37],
        "bad_words_ids": [[8, 9]],
        "suppress_tokens": [0],
    },
]

# In a batch transformers counts the padding as a token that the row has had.
ALONE = [
    {"max_new_tokens": 20, "no_repeat_ngram_size": 1},
    {"max_new_tokens": 20, "encoder_repetition_penalty": 2.5},
    {"max_new_tokens": 20, "encoder_repetition_penalty": 0.2, "repetition_penalty": 1.3},
    {"max_new_tokens": 20, "encoder_no_repeat_ngram_size": 1},
    {"max_new_tokens": 20, "encoder_no_repeat_ngram_size": 2, "repetition_penalty": 0.2},
    {"max_new_tokens": 20, "encoder_no_repeat_ngram_size": 3, "encoder_repetition_penalty": 9.0},
]

BEAMS = [
    {"max_new_tokens": 6, "num_beams": 2},
    {"max_new_tokens": 9, "num_beams": 4, "num_return_sequences": 4},
    {"max_new_tokens": 14, "num_beams": 3, "num_return_sequences": 2, "eos_token_id": 2},
    {"max_new_tokens": 14, "num_beams": 3, "num_return_sequences": 3, "eos_token_id": [2, 11, 30]},
    {"max_new_tokens": 14, "num_beams": 3, "num_return_sequences": 3, "eos_token_id": [2, 11, 30], "pad_token_id": 0},
    {"max_new_tokens": 14, "num_beams": 3, "num_return_sequences": 3, "eos_token_id": [2, 11], "pad_token_id": 39},
]
for early_stopping in (True, False, "never"):
    for length_penalty in (-1.0, 0.0, 1.0, 2.5):
        BEAMS.append(
            {
                "max_new_tokens": 16,
                "num_beams": 4,
                "num_return_sequences": 3,
                "early_stopping": early_stopping,
                "length_penalty": length_penalty,
                "eos_token_id": [1, 8, 14, 22, 30, 37],
            }
        )
BEAMS += [
    {"max_new_tokens": 12, "num_beams": 3, "repetition_penalty": 1.5, "no_repeat_ngram_size": 2},
    {"max_new_tokens": 12, "num_beams": 3, "min_new_tokens": 6, "eos_token_id": [1, 8, 14, 22]},
    {"max_new_tokens": 12, "num_beams": 3, "forced_eos_token_id": 2, "eos_token_id": 2, "num_return_sequences": 3},
    {"max_new_tokens": 12, "num_beams": 5, "bad_words_ids": [[5], [7, 9]], "suppress_tokens": [3], "top_k": 5},
    {"max_new_tokens": 12, "num_beams": 3, "sequence_bias": [[[5], 2.5], [[17, 5], 4.0]], "renormalize_logits": True},
    {
        "max_new_tokens": 12,
        "num_beams": 3,
        "forced_bos_token_id": 4,
        "exponential_decay_length_penalty": [2, 1.2],
        "eos_token_id": [2, 16],
    },
    {"max_length": 11, "num_beams": 6, "num_return_sequences": 6, "eos_token_id": [1, 8, 14, 22]},
    {"max_new_tokens": 1, "num_beams": 4, "num_return_sequences": 4},
]

LOOKUP = [
    {"max_new_tokens": 25, "prompt_lookup_num_tokens": 4},
    {"max_new_tokens": 25, "prompt_lookup_num_tokens": 3, "max_matching_ngram_size": 3},
    {"max_new_tokens": 25, "prompt_lookup_num_tokens": 10, "eos_token_id": [1, 8, 14, 22]},
    {"max_new_tokens": 25, "prompt_lookup_num_tokens": 2, "repetition_penalty": 0.3, "suppress_tokens": [9]},
]

# With `allowed` below as prefix_allowed_tokens_fn; two beams, so that none without a chance is kept.
UNLIKELY = [[token] for token in range(20, 40)]
PREFIX = [
    {"max_new_tokens": 12},
    {"max_new_tokens": 12, "bad_words_ids": UNLIKELY},
    {"max_new_tokens": 12, "bad_words_ids": UNLIKELY, "num_beams": 2, "num_return_sequences": 2},
    {"max_new_tokens": 9, "bad_words_ids": UNLIKELY, "num_beams": 2, "eos_token_id": [5, 10], "early_stopping": True},
]


def allowed(prompt: int, tokens) -> list[int]:
    """One token that UNLIKELY forbids, or four others."""
    total = int(sum(tokens)) + prompt
    if total % 3 == 0:
        return [20 + total % 20]
    return [(7 * total + 5 * step) % 20 for step in range(4)]


ASSISTED = [
    {"max_new_tokens": 25},
    {"max_new_tokens": 25, "eos_token_id": [1, 8, 14, 22]},
    {"max_new_tokens": 25, "repetition_penalty": 1.4, "min_new_tokens": 8, "eos_token_id": [1, 8, 14, 22]},
]

# Only the first distribution is compared: torch's random numbers are its own.
SAMPLING = [
    {"top_k": 0},
    {"top_k": 5},
    {},
    {"top_k": 100},
    {"top_k": 0, "temperature": 0.5},
    {"top_k": 0, "temperature": 2.5},
    {"top_k": 0, "top_p": 0.3},
    {"top_k": 0, "top_p": 0.9},
    {"top_k": 0, "top_p": 0.0},
    {"top_k": 0, "min_p": 0.05},
    {"top_k": 0, "min_p": 0.0},
    {"top_k": 0, "min_p": 1.0},
    {"top_k": 0, "top_h": 0.4},
    {"top_k": 0, "top_h": 1.0},
    {"top_k": 0, "typical_p": 0.2},
    {"top_k": 0, "typical_p": 0.8},
    {"top_k": 0, "epsilon_cutoff": 0.02},
    {"top_k": 0, "epsilon_cutoff": 0.9},
    {"top_k": 0, "eta_cutoff": 0.02},
    {"top_k": 0, "eta_cutoff": 0.3},
    {"top_k": 7, "top_p": 0.8, "temperature": 0.7, "min_p": 0.02, "renormalize_logits": True},
    {"top_k": 20, "typical_p": 0.7, "epsilon_cutoff": 0.01, "eta_cutoff": 0.01, "repetition_penalty": 1.3},
    {"top_k": 4, "suppress_tokens": [1, 2, 3], "no_repeat_ngram_size": 1, "remove_invalid_values": True},
]
WITH_BEAMS = [
    {"num_beams": 3, "top_k": 1},
    {"num_beams": 3, "top_k": 1, "eos_token_id": [2, 11, 30]},
    {"num_beams": 2, "top_k": 0, "top_p": 0.0, "eos_token_id": [2, 11]},
    {"num_beams": 2, "top_k": 0, "min_p": 1.0},
    {"num_beams": 2, "top_k": 0, "typical_p": 0.1, "eos_token_id": [2, 11]},
    {"num_beams": 2, "top_k": 0, "epsilon_cutoff": 0.9},
    {"num_beams": 2, "top_k": 0, "eta_cutoff": 0.9, "eos_token_id": [2, 11]},
]

REFUSED = [
    {"max_new_tokens": 0},
    {"max_new_tokens": -1},
    {"max_length": 3},
    {"max_length": 2},
    {"num_return_sequences": 2},
    {"num_return_sequences": 3, "num_beams": 2},
    {"num_return_sequences": 2, "do_sample": True, "prompt_lookup_num_tokens": 2},
    {"early_stopping": "soon"},
    {"do_sample": True, "temperature": 0.0},
    {"do_sample": True, "temperature": -1.0},
    {"do_sample": True, "top_k": -1},
    {"do_sample": True, "top_p": -0.1},
    {"do_sample": True, "min_p": 1.5},
    {"do_sample": True, "typical_p": 0.0},
    {"do_sample": True, "typical_p": -1.0},
    {"do_sample": True, "top_h": 0.0},
    {"repetition_penalty": -1.0},
    {"repetition_penalty": 0.0},
    {"bad_words_ids": []},
    {"bad_words_ids": [[-1]]},
    {"bad_words_ids": [[40]]},
    {"sequence_bias": []},
    {"sequence_bias": [[[41], 1.0]]},
    {"sequence_bias": [[[-1], 1.0]]},
    {"forced_eos_token_id": -3},
    {"forced_eos_token_id": 5, "suppress_tokens": [5, 6]},
    {"forced_bos_token_id": 5, "suppress_tokens": [5, 6]},
    {"cache_implementation": "quick"},
    {"assistant_ensemble_weight": 1.5},
    {"assistant_ensemble_weight": 0.5, "prompt_lookup_num_tokens": 2},
    {"prompt_lookup_num_tokens": 0},
    {"prompt_lookup_num_tokens": 2, "use_cache": False},
    {"max_new_tokenz": 4},
    {"stop_strings": ["x"]},
]
