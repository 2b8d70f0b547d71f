"""Batch inference with Ray Data: pipelines as columns of datasets.

Needs Ray, which `pip install 'trustformers[ray]'` installs.

`pipeline(...)`, models and tokenizers also work in Ray tasks and actors of one's own; `set_num_threads` should give
each its share of the processor. A model that is an argument of a task is pickled as the path of its files, with their
sizes and times, and mapped again by the worker: every node needs the same files at the same path. A model whose
weights were changed, or that was made from a configuration, is pickled with all its weights.
"""

from trustformers._absent import missing_extra

try:
    import ray.data  # noqa: F401
except ImportError as error:
    raise missing_extra("trustformers.ray", "ray", "ray") from error

from trustformers.ray.dataset import map_pipeline
from trustformers.ray.predictor import PipelinePredictor

__all__ = ["PipelinePredictor", "map_pipeline"]
