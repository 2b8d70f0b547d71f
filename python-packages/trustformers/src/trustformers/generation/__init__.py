"""Text generation: `generate`, its configuration, streamers and streams."""

from trustformers._exports import exports

__getattr__, __dir__, __all__ = exports(__name__)
