"""The `trustformers` command."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from typing import TYPE_CHECKING

from trustformers._version import __version__
from trustformers.errors import TrustformersError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command and returns the exit status: 0, or 1 for an error, which is printed on stderr."""
    parser = argparse.ArgumentParser(prog="trustformers", description="The transformers API without PyTorch.")
    parser.add_argument("--version", action="version", version=f"trustformers {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    env = commands.add_parser(
        "env", help="versions, devices, which wheel is in use and why no other, processor features, threads"
    )
    env.add_argument("--verbose", action="store_true", help="what the environment says as well")
    env.add_argument(
        "--model", help="a directory or a repository's name: lists keys of its config.json that nothing reads"
    )
    env.set_defaults(run=_env)

    embed = commands.add_parser("embed", help="similarities of sentences")
    embed.add_argument("--model", required=True, help="a directory or a repository's name")
    embed.add_argument("--device", default="auto")
    embed.add_argument("--dtype", default="auto")
    embed.add_argument("--prompt", metavar="TEXT", help="a text that comes before each sentence")
    embed.add_argument("--prompt-name", metavar="NAME", help="its name among the model's prompts")
    embed.add_argument("--task", choices=["query", "document"], help="what the sentences are")
    embed.add_argument("--truncate-dim", type=int, metavar="N", help="how many components a vector keeps")
    embed.add_argument("--normalize", action="store_true", help="give vectors the length one")
    embed.add_argument("--json", action="store_true", help="print similarities, vectors and times as JSON")
    embed.add_argument("sentences", nargs="+", metavar="SENTENCE")
    embed.set_defaults(run=_embed)

    generate = commands.add_parser("generate", help="what follows a text")
    _add_generation(generate)
    generate.add_argument("prompt", metavar="PROMPT")
    generate.set_defaults(run=_generate)

    chat = commands.add_parser("chat", help="a conversation with a model, line by line")
    _add_generation(chat)
    chat.add_argument("--system", metavar="TEXT", help="a message of the system before the conversation")
    chat.set_defaults(run=_chat)

    arguments = parser.parse_args(argv)
    try:
        arguments.run(arguments)
    except TrustformersError as error:
        print(f"trustformers: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever reads has gone, and Python would complain again when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _add_generation(parser: argparse.ArgumentParser) -> None:
    parser.description = "Without options tokens are chosen as the model's generation_config.json says, or else drawn."
    parser.add_argument("--model", required=True, help="a directory or a repository's name")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype", default="auto")
    for bits in (8, 4):
        parser.add_argument(
            f"--load-in-{bits}bit", action="store_true", help=f"round the weights of linear layers to {bits} bits"
        )
    parser.add_argument("--max-new-tokens", type=int, metavar="N", help="256 unless the model says otherwise")
    parser.add_argument("--temperature", type=float, metavar="T", help="0 takes the likeliest token every time")
    parser.add_argument(
        "--top-p", type=float, metavar="P", help="draw among tokens that have this probability together"
    )
    parser.add_argument("--top-k", type=int, metavar="K", help="draw among as many tokens")
    parser.add_argument("--seed", type=int, metavar="S", help="repeats what is drawn")
    parser.add_argument(
        "--stream", action=argparse.BooleanOptionalAction, default=True, help="print text while it comes (the default)"
    )


def _env(arguments: argparse.Namespace) -> None:
    from trustformers.runtime.backend import ORDER, choice, installed, native, why_not
    from trustformers.runtime.backends import list_devices
    from trustformers.runtime.device import Device

    found, using = installed(), choice()
    engine = native.environment()
    rows = {
        "trustformers": __version__,
        "python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        "wheels installed": ", ".join(f"trustformers-{kind} {_version(kind)}" for kind in found),
        "engine": f"trustformers-{using.kind} {engine['version']}, for {', '.join(native.backends())}",
        "device chosen": str(Device.auto()),
    }
    rows |= {f"device {row.device}": f"{row.name}, {_memory(row.memory_bytes)}" for row in list_devices()}
    rows |= {f"not in use: {kind}": why_not(kind) for kind in ORDER if kind not in native.backends()}
    # The accelerator of a wheel in use can be without a device as well.
    rows |= {f"not in use: {kind}": reason for kind, reason in using.passed_over.items()}
    rows |= {
        "cpu features usable": engine["isa_available"],
        "cpu features in use": engine["isa_in_use"],
        "threads": engine["threads"],
    }
    if arguments.verbose:
        rows |= {name: value for name, value in sorted(os.environ.items()) if _is_setting(name)}
    if arguments.model:
        rows |= _config_rows(arguments.model)
    for name, value in rows.items():
        print(f"{name:<20} {value}")


def _is_setting(name: str) -> bool:
    return name.startswith(("TRUSTFORMERS_", "HF_")) and "TOKEN" not in name


def _config_rows(model: str) -> dict[str, str]:
    from trustformers.models.configuration import read_keys
    from trustformers.runtime.backend import native

    directory = str(native.resolve(model, "config", None, None, None, False, None))
    unknown = native.unknown_config_keys(json.dumps(read_keys(directory)))
    return {"model": directory, "unknown config keys": ", ".join(unknown) or "none"}


def _version(kind: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(f"trustformers-{kind}")
    except PackageNotFoundError:
        return "of an unknown version"


def _memory(memory_bytes: int | None) -> str:
    return "memory unknown" if memory_bytes is None else f"{memory_bytes / 2**30:.1f} GiB"


def _embed(arguments: argparse.Namespace) -> None:
    from trustformers.pipelines import pipeline

    start = time.perf_counter()
    similarity = pipeline("sentence-similarity", arguments.model, device=arguments.device, dtype=arguments.dtype)
    loaded = time.perf_counter()
    output = similarity(
        arguments.sentences,
        prompt=arguments.prompt,
        prompt_name=arguments.prompt_name,
        task=arguments.task,
        truncate_dim=arguments.truncate_dim,
        normalize_embeddings=arguments.normalize,
    )
    ended = time.perf_counter()
    load_ms, sentence_ms = (loaded - start) * 1e3, (ended - loaded) * 1e3 / len(arguments.sentences)
    if arguments.json:
        result = {
            "model": arguments.model,
            "sentences": arguments.sentences,
            "similarity": output.similarity.tolist(),
            "embeddings": output.embeddings.tolist(),
            "load_ms": load_ms,
            "ms_per_sentence": sentence_ms,
        }
        print(json.dumps(result))
        return
    _print_table(arguments.sentences, output.similarity)
    print(f"\nload {load_ms:.0f} ms, {sentence_ms:.1f} ms per sentence on {similarity.device}")


def _generate(arguments: argparse.Namespace) -> None:
    from trustformers.terminal import generate

    generate(arguments)


def _chat(arguments: argparse.Namespace) -> None:
    from trustformers.terminal import chat

    chat(arguments)


def _print_table(sentences: Sequence[str], similarity: NDArray[np.float32]) -> None:
    width = max(5, len(str(len(sentences))) + 1, *(len(f"{value:.2f}") + 1 for value in similarity.flat))
    for index, sentence in enumerate(sentences, 1):
        print(f"{index:>3}  {sentence}")
    print("\n     " + "".join(f"{index:>{width}}" for index in range(1, len(sentences) + 1)))
    for index, row in enumerate(similarity, 1):
        print(f"{index:>3}  " + "".join(f"{value:>{width}.2f}" for value in row))
