"""Outputs of `generate` with `return_dict_in_generate=True`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trustformers.models.outputs import ModelOutput

if TYPE_CHECKING:
    from trustformers.models.cache import DynamicCache

__all__ = [
    "BeamSampleDecoderOnlyOutput",
    "BeamSampleEncoderDecoderOutput",
    "BeamSearchDecoderOnlyOutput",
    "BeamSearchEncoderDecoderOutput",
    "ContrastiveSearchDecoderOnlyOutput",
    "ContrastiveSearchEncoderDecoderOutput",
    "GenerateBeamDecoderOnlyOutput",
    "GenerateBeamEncoderDecoderOutput",
    "GenerateBeamOutput",
    "GenerateDecoderOnlyOutput",
    "GenerateEncoderDecoderOutput",
    "GenerateNonBeamOutput",
    "GenerateOutput",
    "GreedySearchDecoderOnlyOutput",
    "GreedySearchEncoderDecoderOutput",
    "SampleDecoderOnlyOutput",
    "SampleEncoderDecoderOutput",
]


@dataclass(eq=False)
class GenerateDecoderOnlyOutput(ModelOutput):
    """Output of `generate`.

    Shapes: sequences [batch, seq]; scores and logits of each step [batch, vocab].
    """

    sequences: Any
    scores: tuple[Any, ...] | None = None
    logits: tuple[Any, ...] | None = None
    attentions: tuple[Any, ...] | None = None
    hidden_states: tuple[Any, ...] | None = None
    past_key_values: DynamicCache | None = None


@dataclass(eq=False)
class GenerateBeamDecoderOnlyOutput(ModelOutput):
    """Output of beam search, with the scores (batch,) and beam indices (batch, new tokens) of the sequences."""

    sequences: Any
    sequences_scores: Any = None
    scores: tuple[Any, ...] | None = None
    logits: tuple[Any, ...] | None = None
    beam_indices: Any = None
    attentions: tuple[Any, ...] | None = None
    hidden_states: tuple[Any, ...] | None = None
    past_key_values: DynamicCache | None = None


@dataclass(eq=False)
class GenerateEncoderDecoderOutput(ModelOutput):
    """Output of `generate` of an encoder-decoder."""

    sequences: Any
    scores: tuple[Any, ...] | None = None
    logits: tuple[Any, ...] | None = None
    encoder_attentions: tuple[Any, ...] | None = None
    encoder_hidden_states: tuple[Any, ...] | None = None
    decoder_attentions: tuple[Any, ...] | None = None
    cross_attentions: tuple[Any, ...] | None = None
    decoder_hidden_states: tuple[Any, ...] | None = None
    past_key_values: Any = None


@dataclass(eq=False)
class GenerateBeamEncoderDecoderOutput(ModelOutput):
    """Output of beam search of an encoder-decoder."""

    sequences: Any
    sequences_scores: Any = None
    scores: tuple[Any, ...] | None = None
    logits: tuple[Any, ...] | None = None
    beam_indices: Any = None
    encoder_attentions: tuple[Any, ...] | None = None
    encoder_hidden_states: tuple[Any, ...] | None = None
    decoder_attentions: tuple[Any, ...] | None = None
    cross_attentions: tuple[Any, ...] | None = None
    decoder_hidden_states: tuple[Any, ...] | None = None
    past_key_values: Any = None


GenerateNonBeamOutput = GenerateDecoderOnlyOutput | GenerateEncoderDecoderOutput
GenerateBeamOutput = GenerateBeamDecoderOnlyOutput | GenerateBeamEncoderDecoderOutput
GenerateOutput = GenerateNonBeamOutput | GenerateBeamOutput

# Names of version 4.
GreedySearchDecoderOnlyOutput = GenerateDecoderOnlyOutput
SampleDecoderOnlyOutput = GenerateDecoderOnlyOutput
ContrastiveSearchDecoderOnlyOutput = GenerateDecoderOnlyOutput
BeamSearchDecoderOnlyOutput = GenerateBeamDecoderOnlyOutput
BeamSampleDecoderOnlyOutput = GenerateBeamDecoderOnlyOutput
GreedySearchEncoderDecoderOutput = GenerateEncoderDecoderOutput
SampleEncoderDecoderOutput = GenerateEncoderDecoderOutput
ContrastiveSearchEncoderDecoderOutput = GenerateEncoderDecoderOutput
BeamSearchEncoderDecoderOutput = GenerateBeamEncoderDecoderOutput
BeamSampleEncoderDecoderOutput = GenerateBeamEncoderDecoderOutput
