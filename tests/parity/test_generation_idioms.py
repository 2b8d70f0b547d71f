"""What model cards and scripts do with `generate`, run with both libraries. `make parity` runs it."""

from __future__ import annotations

from contextlib import redirect_stdout
from io import StringIO
from threading import Thread
from typing import Any

import torch
from idioms import TEXTS, Idioms, module, tiny_models  # noqa: F401  # a fixture

idiom = Idioms()
GREEDY: dict[str, Any] = {"do_sample": False, "max_new_tokens": 8}
CHAT = [
    {"role": "system", "content": "You answer."},
    {"role": "user", "content": "How many people live in Berlin?"},
]


def both(T: Any, path: str, model: str = "AutoModelForCausalLM", **kwargs: Any) -> Any:
    return T.AutoTokenizer.from_pretrained(path), getattr(T, model).from_pretrained(path, **kwargs)


@idiom
def chat_of_a_model_card(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["llama"], torch_dtype="auto", device_map="auto")
    text = tokenizer.apply_chat_template(CHAT, tokenize=False, add_generation_prompt=True)
    model_inputs = tokenizer([text], return_tensors="pt").to(model.device)
    generated_ids = model.generate(**model_inputs, **GREEDY)
    generated_ids = [
        output_ids[len(input_ids) :]
        for input_ids, output_ids in zip(model_inputs.input_ids, generated_ids, strict=True)
    ]
    return text, generated_ids, tokenizer.batch_decode(generated_ids, skip_special_tokens=True)[0]


@idiom
def chat_as_a_dict(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["llama"])
    inputs = tokenizer.apply_chat_template(
        CHAT, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
    ).to(model.device)
    outputs = model.generate(**inputs, **GREEDY)
    ids = tokenizer.apply_chat_template(CHAT, add_generation_prompt=True, return_tensors="pt", return_dict=False)
    return outputs, tokenizer.decode(outputs[0][inputs["input_ids"].shape[-1] :]), ids, type(inputs).__name__


@idiom
def terminators(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["llama"])
    ends = [tokenizer.eos_token_id, tokenizer.convert_tokens_to_ids("<|end|>")]
    ids = tokenizer.apply_chat_template(CHAT, add_generation_prompt=True, return_tensors="pt", return_dict=False)
    outputs = model.generate(ids, eos_token_id=ends, pad_token_id=tokenizer.eos_token_id, **GREEDY)
    return ends, tokenizer.decode(outputs[0, ids.shape[-1] :], skip_special_tokens=True)


@idiom
def text_streamer(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["llama"])
    streamer = T.TextStreamer(tokenizer, skip_prompt=True, skip_special_tokens=True)
    shown = StringIO()
    with redirect_stdout(shown):
        model.generate(**tokenizer("Anna lives", return_tensors="pt"), streamer=streamer, **GREEDY)
    return shown.getvalue()


@idiom
def streamer_in_a_thread(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["gpt2"])
    streamer = T.TextIteratorStreamer(tokenizer, timeout=60.0, skip_prompt=True, skip_special_tokens=True)
    kwargs = dict(tokenizer(["Anna lives in"], return_tensors="pt"), streamer=streamer, **GREEDY)
    thread = Thread(target=model.generate, kwargs=kwargs)
    thread.start()
    text = "".join(streamer)
    thread.join()
    return text


@idiom
def batches_padded_on_the_left(T: Any, paths: dict[str, str]) -> Any:
    tokenizer = T.AutoTokenizer.from_pretrained(paths["gpt2"], padding_side="left")
    tokenizer.pad_token = tokenizer.eos_token
    model = T.GPT2LMHeadModel.from_pretrained(paths["gpt2"], pad_token_id=tokenizer.eos_token_id)
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    inputs = tokenizer(TEXTS, padding=True, return_tensors="pt")
    outputs = model.generate(**inputs, **GREEDY)
    return outputs, tokenizer.batch_decode(outputs[:, inputs.input_ids.shape[1] :], skip_special_tokens=True)


@idiom
def scores_and_transitions(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["gpt2"])
    inputs = tokenizer(["Anna"], return_tensors="pt")
    outputs = model.generate(
        **inputs, **GREEDY, return_dict_in_generate=True, output_scores=True, output_logits=True, pad_token_id=0
    )
    scores = model.compute_transition_scores(outputs.sequences, outputs.scores, normalize_logits=True)
    probabilities = torch.stack(outputs.scores, dim=1).softmax(-1)
    return (
        outputs.sequences,
        scores,
        torch.exp(scores[0]),
        probabilities.max(-1).values,
        (
            type(outputs).__name__,
            list(outputs),
            len(outputs.logits),
            type(outputs.scores).__name__,
            type(outputs.past_key_values).__name__,
        ),
    )


@idiom
def beams_of_sequences(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["gpt2"])
    inputs = tokenizer("Anna", return_tensors="pt")
    options: dict[str, Any] = {"pad_token_id": 0, "max_new_tokens": 6, "early_stopping": True}
    outputs = model.generate(
        **inputs, **options, num_beams=4, num_return_sequences=2, no_repeat_ngram_size=2, length_penalty=0.8
    )
    full = model.generate(**inputs, **options, num_beams=3, return_dict_in_generate=True, output_scores=True)
    transitions = model.compute_transition_scores(full.sequences, full.scores, full.beam_indices)
    return outputs, full.sequences_scores, full.beam_indices, transitions, type(full).__name__


@idiom
def processors_and_criteria(T: Any, paths: dict[str, str]) -> Any:
    class Only(T.LogitsProcessor):  # type: ignore[name-defined,misc]
        def __init__(self, allowed: list[int]) -> None:
            self.allowed = allowed

        def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
            mask = torch.ones_like(scores, dtype=torch.bool)
            mask[:, self.allowed] = False
            return scores.masked_fill(mask, -float("inf"))

    class Stops(T.StoppingCriteria):  # type: ignore[name-defined,misc]
        def __init__(self, stops: list[Any]) -> None:
            super().__init__()
            self.stops = stops

        def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor, **kwargs: Any) -> bool:
            return any(torch.all(stop == input_ids[0][-len(stop) :]).item() for stop in self.stops)

    tokenizer, model = both(T, paths["gpt2"])
    ids = tokenizer("Anna", return_tensors="pt").input_ids
    plain = model.generate(ids, pad_token_id=0, **GREEDY)
    chosen = model.generate(ids, pad_token_id=0, logits_processor=T.LogitsProcessorList([Only([300, 301])]), **GREEDY)
    stops = T.StoppingCriteriaList([Stops([plain[0, ids.shape[1] + 2 : ids.shape[1] + 3]])])
    stopped = model.generate(ids, pad_token_id=0, stopping_criteria=stops, **GREEDY)
    return (
        plain,
        chosen,
        stopped,
        model.generate(ids, stop_strings=["e"], tokenizer=tokenizer, pad_token_id=0, **GREEDY),
    )


@idiom
def own_loop_with_a_cache(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["llama"])
    ids = tokenizer("Anna lives", return_tensors="pt").input_ids
    past, generated, step = None, ids, ids
    for _ in range(6):
        with torch.no_grad():
            output = model(step, past_key_values=past, use_cache=True)
        past = output.past_key_values
        step = output.logits[:, -1, :].argmax(dim=-1, keepdim=True)
        generated = torch.cat([generated, step], dim=-1)
    return generated, past.get_seq_length(), type(past).__name__, tokenizer.decode(generated[0])


@idiom
def caches_of_conversations(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["llama"])
    cache = T.DynamicCache(config=model.config)
    inputs = tokenizer("Anna lives", return_tensors="pt")
    first = model.generate(**inputs, past_key_values=cache, pad_token_id=0, **GREEDY)
    longer = torch.cat([first, tokenizer(" in", return_tensors="pt").input_ids], dim=1)
    second = model.generate(longer, past_key_values=cache, pad_token_id=0, **GREEDY)
    return (
        first,
        second,
        cache.get_seq_length(),
        model.generate(**inputs, cache_implementation="static", pad_token_id=0, **GREEDY),
    )


@idiom
def assisted_generation(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["llama"])
    assistant = T.AutoModelForCausalLM.from_pretrained(paths["llama"])
    inputs = tokenizer("Anna lives", return_tensors="pt")
    outputs = model.generate(**inputs, assistant_model=assistant, pad_token_id=0, **GREEDY)
    return outputs, model.generate(**inputs, prompt_lookup_num_tokens=3, pad_token_id=0, **GREEDY)


@idiom
def generation_configs(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["gpt2"])
    config = T.GenerationConfig.from_pretrained(paths["gpt2"], max_new_tokens=5, do_sample=False, pad_token_id=0)
    config.repetition_penalty = 1.3
    inputs = tokenizer("Anna", return_tensors="pt")
    first = model.generate(**inputs, generation_config=config)
    model.generation_config.max_length = 12
    model.generation_config.temperature = None
    model.generation_config.top_p = None
    return first, model.generate(inputs["input_ids"], pad_token_id=0), config.to_diff_dict()["repetition_penalty"]


@idiom
def sampling_of_one_token(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["gpt2"])
    T.set_seed(3)
    inputs = tokenizer("Anna", return_tensors="pt")
    options: dict[str, Any] = {"do_sample": True, "temperature": 0.7, "top_p": 0.9, "top_k": 50, "max_new_tokens": 5}
    outputs = model.generate(**inputs, **options, num_return_sequences=3, pad_token_id=0)
    return outputs.shape == (3, inputs.input_ids.shape[1] + 5), outputs.dtype, outputs[:, : inputs.input_ids.shape[1]]


@idiom
def prompts_of_t5(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["t5"], "AutoModelForSeq2SeqLM")
    ids = tokenizer("translate English to German: the house is small.", return_tensors="pt").input_ids
    outputs = model.generate(ids, max_length=12, num_beams=2, early_stopping=True)
    labels = tokenizer(text_target="the house", return_tensors="pt").input_ids
    output = model(input_ids=ids, labels=labels)
    decoded = model(input_ids=ids, decoder_input_ids=model._shift_right(labels))
    encoder = model.get_encoder()(input_ids=ids)
    return (
        outputs,
        tokenizer.decode(outputs[0], skip_special_tokens=True),
        output.loss,
        decoded.logits,
        (
            encoder.last_hidden_state,
            type(output).__name__,
            list(output),
            model.generate(encoder_outputs=encoder, max_new_tokens=4),
        ),
    )


@idiom
def summaries_of_bart(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["bart"], "BartForConditionalGeneration")
    inputs = tokenizer(TEXTS, max_length=48, truncation=True, padding=True, return_tensors="pt")
    ids = model.generate(
        inputs["input_ids"], num_beams=2, min_length=3, max_length=12, attention_mask=inputs.attention_mask
    )
    return tokenizer.batch_decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False), ids


@idiom
def forced_languages(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["bart"], "AutoModelForSeq2SeqLM")
    inputs = tokenizer("the house is small", return_tensors="pt")
    ids = model.generate(**inputs, forced_bos_token_id=tokenizer.convert_tokens_to_ids("</s>"), max_length=10)
    return ids, tokenizer.batch_decode(ids, skip_special_tokens=True)


@idiom
def constraints_of_tokens(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["gpt2"])
    inputs = tokenizer("Anna", return_tensors="pt")
    bad = tokenizer(["the", "a"], add_special_tokens=False).input_ids
    options: dict[str, Any] = {**GREEDY, "pad_token_id": 0}
    return [
        model.generate(**inputs, bad_words_ids=bad, **options),
        model.generate(**inputs, suppress_tokens=[300, 301], begin_suppress_tokens=[302], **options),
        model.generate(**inputs, forced_eos_token_id=0, **options),
        model.generate(**inputs, prefix_allowed_tokens_fn=lambda batch, ids: [len(ids) + 270, 280], **options),
        model.generate(**inputs, sequence_bias={(300,): 5.0}, renormalize_logits=True, **options),
        model.generate(**inputs, min_new_tokens=4, repetition_penalty=1.2, encoder_repetition_penalty=1.1, **options),
        model.generate(**inputs, max_time=60.0, exponential_decay_length_penalty=(2, 1.05), **options),
    ]


@idiom
def text_generation_pipelines(T: Any, paths: dict[str, str]) -> Any:
    pipe = T.pipeline("text-generation", model=paths["llama"], torch_dtype=torch.float32, device_map="auto")
    prompt = pipe.tokenizer.apply_chat_template(CHAT, tokenize=False, add_generation_prompt=True)
    ends = [pipe.tokenizer.eos_token_id]
    return [
        pipe(prompt, **GREEDY, return_full_text=False, eos_token_id=ends),
        pipe(CHAT, **GREEDY)[0]["generated_text"][-1],
        pipe([CHAT, CHAT], **GREEDY),
        pipe(TEXTS[:2], **GREEDY, num_beams=2, num_return_sequences=2),
        pipe("Anna", **GREEDY, return_tensors=True),
    ]


@idiom
def loads_in_fewer_bits(T: Any, paths: dict[str, str]) -> Any:
    config = T.BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_compute_dtype=torch.bfloat16,
        bnb_4bit_use_double_quant=True,
    )
    bits = config.load_in_4bit, config.load_in_8bit, config.bnb_4bit_quant_type, config.bnb_4bit_use_double_quant
    return bits, config.quant_method.value, config.is_quantizable(), config.quantization_method()


@idiom
def candidates_of_next_tokens(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["gpt2"])
    with torch.no_grad():
        logits = model(**tokenizer("Anna lives in", return_tensors="pt")).logits[0, -1]
    values, indices = torch.topk(torch.softmax(logits, dim=-1), k=5)
    filtered = module(T, "generation.logits_process").TopKLogitsWarper(3)(None, logits[None])
    return (
        values,
        [tokenizer.decode(index) for index in indices],
        (filtered > -1e9).sum(),
        torch.multinomial(filtered.softmax(-1), 1).shape == (1, 1),
    )


test_an_idiom_gives_the_same_with_both = idiom.test()
