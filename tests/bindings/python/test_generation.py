"""Generation: texts of the reference, streams, cancellation, sharing and memory."""

import asyncio
import gc
import resource
import shutil
import threading
from pathlib import Path

import pytest
import trustformers_uniffi as tf
from conftest import lines

GREEDY = tf.GenerationOptions(do_sample=False, max_new_tokens=7)
# More tokens than any test waits for.
ENDLESS = tf.GenerationOptions(do_sample=False, max_new_tokens=10_000_000, other_keys='{"eos_token_id": null}')


@pytest.fixture(scope="module")
def generator(models: Path) -> tf.Generator:
    return tf.Generator.load(str(models / "text_generation"))


def test_texts_are_those_of_the_reference(generator: tf.Generator, cases: Path) -> None:
    for prompt, expected in lines(cases, "text_generation"):
        generated = generator.generate(prompt, GREEDY)
        assert prompt + generated.text == expected
        assert len(generated.token_ids) <= 7
        assert generated.finish_reason == tf.FinishReason.LENGTH


def test_streams_give_the_text_of_generate(generator: tf.Generator) -> None:
    options = tf.GenerationOptions(do_sample=False, max_new_tokens=60)
    expected = generator.generate("the cat", options)
    stream = generator.stream("the cat", options)
    assert stream.finish_reason() is None
    pieces = list(stream)
    assert len(pieces) > 3
    assert "".join(pieces) == expected.text
    assert stream.finish_reason() == expected.finish_reason
    assert stream.next_text() is None


class Collector(tf.TextListener):
    def __init__(self, limit: int = 1_000_000) -> None:
        self.pieces: list[str] = []
        self.limit = limit
        self.threads: set[int] = set()

    def on_text(self, text: str) -> bool:
        self.pieces.append(text)
        self.threads.add(threading.get_ident())
        return len(self.pieces) < self.limit


def test_listeners_get_the_text_on_the_calling_thread(generator: tf.Generator) -> None:
    options = tf.GenerationOptions(do_sample=False, max_new_tokens=60)
    collector = Collector()
    generated = generator.stream_to("the cat", collector, options)
    assert "".join(collector.pieces) == generated.text == generator.generate("the cat", options).text
    assert collector.threads == {threading.get_ident()}


def test_listeners_cancel(generator: tf.Generator) -> None:
    collector = Collector(limit=3)
    generated = generator.stream_to("the cat", collector, ENDLESS)
    assert generated.finish_reason == tf.FinishReason.CANCELLED
    assert 3 <= len(generated.token_ids) < 1_000_000


def test_a_listener_that_raises_ends_the_call(generator: tf.Generator) -> None:
    class Broken(tf.TextListener):
        def on_text(self, text: str) -> bool:
            raise RuntimeError("the window was closed")

    with pytest.raises(tf.TrustformersError.Input, match="listener: .*the window was closed"):
        generator.stream_to("the cat", Broken(), ENDLESS)


def test_a_stream_is_cancelled_in_the_middle(generator: tf.Generator) -> None:
    stream = generator.stream("the cat", ENDLESS)
    first = [stream.next_text() for _ in range(3)]
    assert all(first)
    stream.cancel()
    rest = list(stream)
    assert len(rest) < 1_000_000
    assert stream.finish_reason() == tf.FinishReason.CANCELLED


def test_async_calls_and_streams(generator: tf.Generator, minilm: str) -> None:
    options = tf.GenerationOptions(do_sample=False, max_new_tokens=40)

    async def run() -> None:
        encoder = await tf.Encoder.load_async(minilm)
        embedded, one, two = await asyncio.gather(
            encoder.embed_async(["a"]),
            generator.generate_async("the cat", options),
            generator.generate_async("hello", options),
        )
        assert len(embedded[0]) == 384
        assert one == generator.generate("the cat", options)
        assert two == generator.generate("hello", options)
        pieces = [piece async for piece in generator.stream("the cat", options)]
        assert "".join(pieces) == one.text
        with pytest.raises(tf.TrustformersError.Input, match="temperature"):
            await generator.generate_async("x", tf.GenerationOptions(do_sample=True, temperature=-1.0))
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(generator.generate_async("the cat", ENDLESS), timeout=0.3)

    asyncio.run(run())
    # A request that was not cancelled would be computed together with this one for ever.
    assert generator.generate("the cat", GREEDY).finish_reason == tf.FinishReason.LENGTH


def test_options_are_those_of_transformers(generator: tf.Generator) -> None:
    def sample(seed: int, **options: float) -> str:
        return generator.generate(
            "the cat", tf.GenerationOptions(do_sample=True, max_new_tokens=20, seed=seed, **options)
        ).text

    assert sample(1) == sample(1)
    assert len({sample(seed) for seed in range(5)}) > 1
    greedy = generator.generate("the cat", tf.GenerationOptions(do_sample=False, max_new_tokens=20)).text
    assert sample(3, top_k=1) == greedy
    stopped = generator.generate("the cat", tf.GenerationOptions(max_new_tokens=60, stop_strings=["s"]))
    assert stopped.finish_reason == tf.FinishReason.STOP_STRING
    beams = generator.generate("the cat", tf.GenerationOptions(max_new_tokens=10, num_beams=3))
    assert len(beams.token_ids) == 10
    for wrong, name in [
        (tf.GenerationOptions(other_keys='{"max_new_token": 3}'), "max_new_token"),
        (tf.GenerationOptions(other_keys="[1]"), "other_keys"),
        (tf.GenerationOptions(do_sample=True, temperature=-1.0), "temperature"),
        (tf.GenerationOptions(other_keys='{"num_return_sequences": 2, "do_sample": true}'), "num_return_sequences"),
    ]:
        with pytest.raises(tf.TrustformersError.Input, match=name):
            generator.generate("x", wrong)
    with pytest.raises(tf.TrustformersError.Input, match="num_beams"):
        generator.stream("x", tf.GenerationOptions(num_beams=2))


def test_generators_share_a_model_that_is_loaded_once(models: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model"
    shutil.copytree(models / "text_generation", copy)
    model = tf.Model.load(str(copy), tf.Head.CAUSAL_LM)
    tokenizer = tf.Tokenizer.load(str(copy))
    shutil.rmtree(copy)
    first, second = tf.Generator(model, tokenizer), tf.Generator(model, tokenizer)
    del model, tokenizer
    expected = first.generate("the cat", GREEDY).text
    del first
    gc.collect()
    assert second.generate("the cat", GREEDY).text == expected


def test_threads_generate_together(generator: tf.Generator) -> None:
    options = tf.GenerationOptions(do_sample=False, max_new_tokens=40)
    prompts = ["the cat", "hello", "and you", "the mat", "on a mat", "other"]
    expected = [generator.generate(prompt, options) for prompt in prompts]
    found: dict[int, tf.GeneratedText] = {}

    def run(index: int) -> None:
        found[index] = generator.generate(prompts[index], options)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(prompts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[index] for index in range(len(prompts))] == expected


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def test_ten_thousand_objects_leave_no_memory(models: Path) -> None:
    directory = str(models / "text_generation")
    model, tokenizer = tf.Model.load(directory, tf.Head.CAUSAL_LM), tf.Tokenizer.load(directory)
    options = tf.GenerationOptions(do_sample=False, max_new_tokens=1)

    def work(count: int) -> None:
        for _ in range(count):
            generator = tf.Generator(model, tokenizer)
            stream = generator.stream("the", options)
            tokenizer.encode("the cat sat on the mat")
            del generator, stream
        gc.collect()

    work(2_000)
    before = resident_mib()
    work(10_000)
    assert resident_mib() - before < 8
