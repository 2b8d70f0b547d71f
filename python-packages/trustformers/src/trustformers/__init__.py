"""The Hugging Face transformers API without PyTorch, over a Rust engine."""

from trustformers._exports import exports
from trustformers._paths import install
from trustformers._version import __version__

__getattr__, __dir__, __all__ = exports(__name__)
__all__ += ["__version__"]
install()
