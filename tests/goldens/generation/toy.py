"""A language model of a table: the whole history, hashed, chooses the row of logits.

The logits are multiples of 1/64, so that they are the same floats in Rust; within a row they differ from one another,
so that no choice hangs on the order of equals. The cache holds the tokens themselves.
"""

from itertools import compress

import torch
from transformers import GenerationMixin, PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutputWithPast

SCALE = 64
ROWS = 61


class ToyConfig(PreTrainedConfig):
    model_type = "toy-of-a-table"

    def __init__(self, vocab_size=40, max_position_embeddings=None, **kwargs):
        self.vocab_size = vocab_size
        self.max_position_embeddings = max_position_embeddings
        self.num_hidden_layers = 1
        self.hidden_size = 8
        self.num_attention_heads = 1
        super().__init__(**kwargs)


def row_of(tokens):
    state = 7
    for token in tokens:
        state = (state * 31 + token + 1) % 10007
    return state % ROWS


class Toy(PreTrainedModel, GenerationMixin):
    config_class = ToyConfig

    def __init__(self, config, table):
        super().__init__(config)
        self.table = torch.tensor(table, dtype=torch.float32) / SCALE
        self.anchor = torch.nn.Parameter(torch.zeros(1))
        self.post_init()

    def _init_weights(self, module):
        pass

    def forward(
        self,
        input_ids=None,
        attention_mask=None,
        past_key_values=None,
        use_cache=None,
        logits_to_keep=0,
        **kwargs,
    ):
        tokens = input_ids
        if past_key_values is not None:
            keys = input_ids[:, None, :, None].float()
            tokens, _ = past_key_values.update(keys, keys, 0)
            tokens = tokens[:, 0, :, 0].long()
        new = input_ids.shape[1]
        logits = torch.empty(input_ids.shape[0], new, self.config.vocab_size)
        for row, history in enumerate(tokens.tolist()):
            visible = [True] * len(history)
            if attention_mask is not None:
                visible = (attention_mask[row, : len(history)] != 0).tolist()
            for step in range(new):
                end = len(history) - new + step + 1
                kept = compress(history[:end], visible)
                logits[row, step] = self.table[row_of(kept)]
        return CausalLMOutputWithPast(logits=logits, past_key_values=past_key_values)
