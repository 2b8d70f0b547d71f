"""The heads that encoder-decoder families have in common, and the tensors that the reference does not save."""

import sys
from pathlib import Path

import torch
import transformers
from transformers import PretrainedConfig, PreTrainedModel

sys.path.insert(0, str(Path(__file__).parent.parent))
from shared import checkpoint
from shared.weights import labels

LM_HEAD = "lm_head.weight"


class Checkpoint(checkpoint.Checkpoint):
    """Of an encoder-decoder family."""

    classes = {
        "base": transformers.AutoModel,
        "seq2seq_lm": transformers.AutoModelForSeq2SeqLM,
        "encoder": transformers.AutoModelForTextEncoding,
        "sequence_classification": transformers.AutoModelForSequenceClassification,
        "question_answering": transformers.AutoModelForQuestionAnswering,
        "token_classification": transformers.AutoModelForTokenClassification,
    }
    main_head = "seq2seq_lm"

    def __init__(self, out: Path, config: PretrainedConfig, seed: int, own_head: dict[str, PretrainedConfig]):
        super().__init__(out, config, seed)
        self.own_head = own_head

    def stored(self, head: str, config: PretrainedConfig, folder: Path) -> dict[str, torch.Tensor]:
        if head == "question_answering":
            # The start and the end; the reference takes their count from num_labels.
            config = type(config).from_dict(config.to_dict() | labels(2))
        tensors = super().stored(head, config, folder)
        if any(config is other for other in self.own_head.values()):
            # The reference ties what it builds, but loads such a head when a checkpoint has one.
            tensors[LM_HEAD] = torch.empty(config.vocab_size, config.d_model)
        # T5 without a head, or with that of a language model, has no prefix.
        return {name.removeprefix("transformer."): tensor for name, tensor in tensors.items()}

    def changed_keys(self, variant: str, changed: dict, base: dict) -> dict:
        changes = super().changed_keys(variant, changed, base)
        if variant in self.own_head:
            # As published; the reference saves what it made of this key.
            changes["tie_word_embeddings"] = False
            if "scale_decoder_outputs" in changes:
                changes["scale_decoder_outputs"] = None
        return changes

    def write(self, variants: dict[str, PretrainedConfig]) -> None:
        super().write(variants)
        if "question_answering" in self.heads:
            self.overlays["question_answering"] = {"config": labels(2), "weights": None}

    def load(self, head: str, overlay: str | None = None, dtype: torch.dtype = torch.float32) -> PreTrainedModel:
        return super().load(head, "question_answering" if head == "question_answering" else overlay, dtype)

    def tied(self, overlay: str | None = None) -> dict[str, str]:
        """The tensors that share the values of another, which alone is in the file."""
        return dict(sorted(self.load(self.main_head, overlay).all_tied_weights_keys.items()))
