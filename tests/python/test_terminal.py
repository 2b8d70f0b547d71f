"""`trustformers generate` and `trustformers chat`, on a tiny decoder."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trustformers import PreTrainedTokenizerFast, pipeline
from trustformers.cli import main
from trustformers.generation.streams import TokenStream

GOLDENS = Path(__file__).parents[1] / "goldens"
# In bfloat16 a prompt that is read in parts rounds differently.
GREEDY = ("--dtype", "float32", "--max-new-tokens", "7", "--temperature", "0")
FOREVER = ("--max-new-tokens", "1000000", "--temperature", "0")
SHORT: dict[str, Any] = {"max_new_tokens": 7, "do_sample": False}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A decoder with a tokenizer and a chat template."""
    target = tmp_path_factory.mktemp("model")
    for name in ("config.json", "model.safetensors"):
        shutil.copy(GOLDENS / "decoders" / "llama" / name, target)
    return Path(shutil.copytree(GOLDENS / "text_generation" / "tokenizer", target, dirs_exist_ok=True))


def started(path: Path, *arguments: str, **pipes: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "trustformers", arguments[0], "--model", str(path), *arguments[1:]]
    # A background process ignores Ctrl-C, and its children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen(
        command, text=True, **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **pipes}
    )


def test_generate_prints_the_text_of_the_pipeline(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask = pipeline("text-generation", path, dtype="float32")
    [found] = ask("the cat sat", return_full_text=False, **SHORT)
    for stream in ("--stream", "--no-stream"):
        assert main(["generate", "--model", str(path), *GREEDY, stream, "the cat sat"]) == 0
        assert capsys.readouterr().out == found["generated_text"] + "\n"
    drawn = set()
    for given in (["--seed", "3"], ["--seed", "3", "--no-stream"], ["--seed", "4"], ["--seed", "3", "--top-k", "1"]):
        assert main(["generate", "--model", str(path), "--max-new-tokens", "9", *given, "the cat"]) == 0
        drawn.add(capsys.readouterr().out)
    assert len(drawn) == 3
    for flag in ("--load-in-8bit", "--load-in-4bit"):
        assert main(["generate", "--model", str(path), *GREEDY, flag, "the cat"]) == 0


def test_generate_prints_what_an_encoder_decoder_makes_of_a_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("config.json", "generation_config.json", "model.safetensors"):
        if (GOLDENS / "seq2seq" / "t5" / name).is_file():
            shutil.copy(GOLDENS / "seq2seq" / "t5" / name, tmp_path)
    shutil.copytree(GOLDENS / "text2text" / "tokenizer", tmp_path, dirs_exist_ok=True)
    ask = pipeline("text2text-generation", tmp_path, dtype="float32")
    for sampling in ({}, {"do_sample": True, "temperature": 1.5, "generator": np.random.default_rng(3)}):
        [found] = ask("the cat sat", max_new_tokens=7, num_beams=1, **sampling)
        given = ["--temperature", "1.5", "--seed", "3"] if sampling else []
        for stream in ("--stream", "--no-stream"):
            command = ["generate", "--model", str(tmp_path), "--dtype", "float32", "--max-new-tokens", "7"]
            assert main([*command, stream, *given, "the cat sat"]) == 0
            assert capsys.readouterr().out == found["generated_text"] + "\n"


def test_a_chat_keeps_the_conversation(path: Path) -> None:
    ask = pipeline("text-generation", path, dtype="float32")

    def answers(*lines: str, system: str = "") -> str:
        messages = [{"role": "system", "content": system}] if system else []
        written = ""
        for line in lines:
            messages = ask([*messages, {"role": "user", "content": line}], **SHORT)[0]["generated_text"]
            written += messages[-1]["content"] + "\n"
        return written

    run = started(path, "chat", *GREEDY)
    out, _ = run.communicate("the cat\n\n  and you?  \n/clear\nand you?\n/exit\nnot read\n", timeout=60)
    assert run.returncode == 0
    assert out == answers("the cat", "and you?") + answers("and you?")
    run = started(path, "chat", *GREEDY, "--no-stream", "--system", "hello")
    out, _ = run.communicate("the cat\n/clear\nand you?", timeout=60)
    assert run.returncode == 0
    assert out == answers("the cat", system="hello") + answers("and you?", system="hello")


def test_an_interrupted_answer_stays_in_the_conversation(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    given = 0
    advance, template = TokenStream.__next__, PreTrainedTokenizerFast.apply_chat_template

    def interrupted(stream: TokenStream) -> Any:
        nonlocal given
        given += 1
        if given == 3:
            raise KeyboardInterrupt
        return advance(stream)

    def spied(tokenizer: Any, conversation: Any, **kwargs: Any) -> Any:
        seen.append(conversation)
        return template(tokenizer, conversation, **kwargs)

    monkeypatch.setattr(TokenStream, "__next__", interrupted)
    monkeypatch.setattr(PreTrainedTokenizerFast, "apply_chat_template", spied)
    monkeypatch.setattr(sys, "stdin", io.StringIO("the cat\nand you?\n"))
    written = io.StringIO()
    monkeypatch.setattr(sys, "stdout", written)
    assert main(["chat", "--model", str(path), *GREEDY]) == 0
    user, answer, _ = seen[1]
    assert user == {"role": "user", "content": "the cat"} and answer["role"] == "assistant"
    assert answer["content"] and written.getvalue().startswith(answer["content"] + "\n")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_ctrl_c_ends_the_answer_and_not_the_chat(path: Path) -> None:
    run = started(path, "chat", *FOREVER)
    assert run.stdin is not None and run.stdout is not None
    run.stdin.write("the cat\n")
    run.stdin.flush()
    # Text is printed as it is generated, so the answer has begun.
    assert run.stdout.read(1)
    run.send_signal(signal.SIGINT)
    out, err = run.communicate("/exit\n", timeout=60)
    assert run.returncode == 0 and out.endswith("\n") and "Traceback" not in err
    run = started(path, "generate", *FOREVER, "the cat")
    assert run.stdout is not None and run.stdout.read(1)
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 130 and "Traceback" not in err


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no such terminals")
def test_a_terminal_has_a_prompt_and_survives_an_error(path: Path) -> None:
    terminal, theirs = os.openpty()
    run = started(path, "chat", "--max-new-tokens", "0", stdin=theirs)
    os.close(theirs)
    os.write(terminal, b"the cat\n\x04")
    out, err = run.communicate(timeout=60)
    os.close(terminal)
    assert run.returncode == 0 and out == "> > \n"
    assert "/exit" in err and "trustformers: max_new_tokens" in err


def test_a_closed_pipe_prints_no_traceback(path: Path) -> None:
    run = started(path, "generate", *FOREVER, "the cat")
    assert run.stdout is not None and run.stderr is not None and run.stdout.read(1)
    run.stdout.close()
    err = run.stderr.read()
    assert run.wait(60) == 1 and "Error" not in err


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (["--max-new-tokens", "0", "a"], "max_new_tokens"),
        (["--temperature", "-1", "a"], "temperature"),
        (["--top-p", "-1", "a"], "top_p"),
        (["--seed", "-1", "a"], "seed"),
        (["--dtype", "float7", "a"], "float7"),
        (["--device", "abacus", "a"], "abacus"),
        (["a\ud800"], "surrogate"),
    ],
)
def test_errors_are_one_line_on_stderr(
    path: Path, given: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generate", "--model", str(path), *given]) == 1
    out, err = capsys.readouterr()
    assert not out and err.startswith("trustformers: ") and named in err


def test_a_model_without_a_chat_template_is_named(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    target = shutil.copytree(path, tmp_path / "plain")
    (target / "chat_template.jinja").unlink()
    assert main(["chat", "--model", str(target)]) == 1
    assert "chat_template" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", io.StringIO("the cat\n"))
    assert main(["chat", "--model", str(path), "--max-new-tokens", "0"]) == 1
    assert "max_new_tokens" in capsys.readouterr().err
    assert main(["chat", "--model", str(GOLDENS / "encoders" / "bert")]) == 1
    assert "BertForCausalLM" in capsys.readouterr().err
