"""The arguments of the `trustformers` command."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from trustformers._version import __version__
from trustformers.errors import TrustformersError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command and returns the exit status: 0, or 1 for an error, which is printed on stderr."""
    parser = argparse.ArgumentParser(prog="trustformers", description="The transformers API without PyTorch.")
    parser.add_argument("--version", action="version", version=f"trustformers {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    env = commands.add_parser(
        "env", help="show versions, devices, the wheel in use and why others are not, cpu features and threads"
    )
    env.add_argument("--verbose", action="store_true", help="also show environment variables")
    env.add_argument("--model", help="a directory or hub repository, whose unknown config.json keys are listed")
    env.set_defaults(run=_env)

    embed = commands.add_parser("embed", help="print the similarities of sentences")
    embed.add_argument("--model", required=True, help="a directory or hub repository")
    embed.add_argument("--device", default="auto")
    embed.add_argument("--dtype", default="auto")
    embed.add_argument("--prompt", metavar="TEXT", help="a prompt that is put before each sentence")
    embed.add_argument("--prompt-name", metavar="NAME", help="the name of one of the model's prompts")
    embed.add_argument("--task", choices=["query", "document"], help="encode the sentences as queries or as documents")
    embed.add_argument("--truncate-dim", type=int, metavar="N", help="truncate embeddings to this many dimensions")
    embed.add_argument("--normalize", action="store_true", help="normalize embeddings to length 1")
    embed.add_argument("--json", action="store_true", help="print similarities, embeddings and times as JSON")
    embed.add_argument("sentences", nargs="+", metavar="SENTENCE")
    embed.set_defaults(run=_embed)

    generate = commands.add_parser(
        "generate", help="continue a text, or print what an encoder-decoder makes of it, such as a translation"
    )
    _add_generation(generate)
    generate.add_argument("prompt", metavar="PROMPT")
    generate.set_defaults(run=_generate)

    chat = commands.add_parser("chat", help="chat with a model")
    _add_generation(chat)
    chat.add_argument("--system", metavar="TEXT", help="the system message")
    chat.set_defaults(run=_chat)

    launch = commands.add_parser("launch", help="run a script in several processes, which train one model (extra: mpi)")
    _add_launch(launch)
    launch.set_defaults(run=_launch)

    arguments = parser.parse_args(argv)
    try:
        return arguments.run(arguments) or 0
    except TrustformersError as error:
        print(f"trustformers: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader has closed the pipe; Python would complain again when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _add_generation(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "By default the model's generation_config.json selects the decoding method, or else sampling; for an "
        "encoder-decoder it is greedy search."
    )
    parser.add_argument("--model", required=True, help="a directory or hub repository")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype", default="auto")
    for bits in (8, 4):
        parser.add_argument(
            f"--load-in-{bits}bit", action="store_true", help=f"quantize the weights of linear layers to {bits} bits"
        )
    parser.add_argument(
        "--max-new-tokens", type=int, metavar="N", help="limit of new tokens (default: the model's, or 256)"
    )
    parser.add_argument("--temperature", type=float, metavar="T", help="sampling temperature; 0 is greedy search")
    parser.add_argument(
        "--top-p", type=float, metavar="P", help="sample from the most likely tokens of this total probability"
    )
    parser.add_argument("--top-k", type=int, metavar="K", help="sample from this many most likely tokens")
    parser.add_argument("--seed", type=int, metavar="S", help="seed of sampling")
    parser.add_argument(
        "--stream", action=argparse.BooleanOptionalAction, default=True, help="print text as it is generated (default)"
    )


def _add_launch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-n", "--num-processes", type=int, required=True, metavar="N", help="number of processes")
    parser.add_argument("--hostfile", metavar="FILE", help="machines, a line each: `NAME slots=PROCESSES`")
    parser.add_argument(
        "--no-pin", action="store_true", help="let each process run on all cores, instead of its part of them"
    )
    parser.add_argument("--launcher", metavar="PATH", help="mpirun, by default that of the environment or of PATH")
    parser.add_argument(
        "--launcher-option", action="append", default=[], metavar="OPTION", help="an option for mpirun; repeatable"
    )
    parser.add_argument("-m", "--module", action="store_true", help="the script is the name of a module")
    parser.add_argument("script", help="the script")
    parser.add_argument("arguments", nargs="...", help="its arguments")


# A command's modules load when it runs: `trustformers --help` waits for neither NumPy nor the engine.
def _env(arguments: argparse.Namespace) -> None:
    from trustformers.cli.env import env

    env(arguments)


def _embed(arguments: argparse.Namespace) -> None:
    from trustformers.cli.embed import embed

    embed(arguments)


def _generate(arguments: argparse.Namespace) -> None:
    from trustformers.cli.terminal import generate

    generate(arguments)


def _launch(arguments: argparse.Namespace) -> int:
    from trustformers.cli.launch import launch

    return launch(arguments)


def _chat(arguments: argparse.Namespace) -> None:
    from trustformers.cli.terminal import chat

    chat(arguments)
