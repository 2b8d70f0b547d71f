"""The description of a pipeline's arguments, for docstrings of classes of one's own."""

from __future__ import annotations

__all__ = ["PIPELINE_INIT_ARGS", "build_pipeline_init_args"]

_ARGUMENTS = {
    "model": "The loaded model.",
    "tokenizer": "The loaded tokenizer.",
    "feature_extractor": "The feature extractor.",
    "image_processor": "The image processor.",
    "video_processor": "The video processor.",
    "processor": "The processor.",
    "task": "The name of the task.",
    "num_workers": "Without effect.",
    "batch_size": "The number of inputs per batch, by default 1.",
    "device": "The device that the model is moved to: a name, a number or a `torch.device`.",
    "dtype": "Without effect on a loaded model.",
    "binary_output": "Whether results are written as pickles.",
}


def build_pipeline_init_args(
    *,
    has_tokenizer: bool = False,
    has_feature_extractor: bool = False,
    has_image_processor: bool = False,
    has_video_processor: bool = False,
    has_processor: bool = False,
    supports_binary_output: bool = True,
) -> str:
    """Describes the arguments of a pipeline's constructor.

    Parameters
    ----------
    has_tokenizer, has_feature_extractor, has_image_processor, has_video_processor, has_processor
        Whether the class takes this argument.
    supports_binary_output
        Whether the class takes `binary_output`.
    """
    optional = {
        "tokenizer": has_tokenizer,
        "feature_extractor": has_feature_extractor,
        "image_processor": has_image_processor,
        "video_processor": has_video_processor,
        "processor": has_processor,
        "binary_output": supports_binary_output,
    }
    lines = [f"        {name}: {text}" for name, text in _ARGUMENTS.items() if optional.get(name, True)]
    return "\n".join(["", "    Arguments:", *lines])


PIPELINE_INIT_ARGS: str = build_pipeline_init_args(
    has_tokenizer=True, has_feature_extractor=True, has_image_processor=True, has_processor=True
)
