"""The `trustformers` command."""

from trustformers.cli.command import main

__all__ = ["main"]
