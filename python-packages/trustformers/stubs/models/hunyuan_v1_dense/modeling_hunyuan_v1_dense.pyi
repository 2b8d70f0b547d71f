"""Names of transformers.models.hunyuan_v1_dense.modeling_hunyuan_v1_dense. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    HunYuanDenseV1Config as HunYuanDenseV1Config,
    HunYuanDenseV1ForCausalLM as HunYuanDenseV1ForCausalLM,
    HunYuanDenseV1ForSequenceClassification as HunYuanDenseV1ForSequenceClassification,
    HunYuanDenseV1Model as HunYuanDenseV1Model,
)
