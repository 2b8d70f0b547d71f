"""Names of transformers.models.roformer.modeling_roformer. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    RoFormerConfig as RoFormerConfig,
    RoFormerForMaskedLM as RoFormerForMaskedLM,
    RoFormerForQuestionAnswering as RoFormerForQuestionAnswering,
    RoFormerForSequenceClassification as RoFormerForSequenceClassification,
    RoFormerForTokenClassification as RoFormerForTokenClassification,
    RoFormerModel as RoFormerModel,
)
