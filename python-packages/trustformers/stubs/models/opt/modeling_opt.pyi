"""Names of transformers.models.opt.modeling_opt. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    OPTConfig as OPTConfig,
    OPTForCausalLM as OPTForCausalLM,
    OPTForSequenceClassification as OPTForSequenceClassification,
    OPTModel as OPTModel,
)
