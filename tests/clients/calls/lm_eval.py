"""lm-eval: log-likelihoods, and generation of its Hugging Face model."""

from __future__ import annotations

from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM

TEXTS = ("The library loads a model", "Anna Smith lives in Berlin", "A good film")


def _requests(kind, arguments):
    return [Instance(kind, {}, item, index) for index, item in enumerate(arguments)]


def loglikelihood():
    model = HFLM(pretrained="tiny/gpt2", device="cpu", batch_size=2)
    pairs = [(text, continuation) for text in TEXTS for continuation in (" and reads", " in Paris.")]
    return [[float(value), bool(greedy)] for value, greedy in model.loglikelihood(_requests("loglikelihood", pairs))]


def loglikelihood_rolling():
    model = HFLM(pretrained="tiny/llama", device="cpu", batch_size=1, max_length=12)
    texts = [(" ".join(TEXTS),), (TEXTS[0],)]
    return list(map(float, model.loglikelihood_rolling(_requests("loglikelihood_rolling", texts))))


def generate_until():
    model = HFLM(pretrained="tiny/llama", device="cpu", batch_size=2)
    settings = {"until": ["."], "max_gen_toks": 8, "do_sample": False}
    return model.generate_until(_requests("generate_until", [(text, settings) for text in TEXTS]))


def chat_template():
    model = HFLM(pretrained="tiny/llama", device="cpu")
    return model.apply_chat_template([{"role": "user", "content": TEXTS[0]}])


def a_model_of_the_callers():
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained("tiny/gpt2")
    lm = HFLM(pretrained=model, tokenizer=AutoTokenizer.from_pretrained("tiny/gpt2"), batch_size="auto")
    return [float(value) for value, _ in lm.loglikelihood(_requests("loglikelihood", [(TEXTS[0], " and")]))]
