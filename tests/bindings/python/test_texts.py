"""Tokenizers, embeddings and classifiers give the numbers of the reference."""

import math
import threading
from pathlib import Path

import pytest
import trustformers_uniffi as tf
from conftest import lines

TOLERANCE = 2e-4


@pytest.fixture(scope="module")
def encoder(minilm: str) -> tf.Encoder:
    return tf.Encoder.load(minilm)


@pytest.fixture(scope="module")
def tokenizer(minilm: str) -> tf.Tokenizer:
    return tf.Tokenizer.load(minilm)


def test_token_ids_are_those_of_the_reference(tokenizer: tf.Tokenizer, cases: Path) -> None:
    for *texts, ids in lines(cases, "tokens"):
        encoding = tokenizer.encode(*texts) if len(texts) == 1 else tokenizer.encode_pair(*texts)
        assert encoding.input_ids == [int(token) for token in ids.split()], texts


def test_offsets_are_characters(tokenizer: tf.Tokenizer) -> None:
    text = "🙂 café, naïve"
    encoding = tokenizer.encode(text, tf.EncodeOptions(add_special_tokens=False))
    parts = [text[span.start : span.end] for span in encoding.offsets]
    assert parts == ["🙂", "café", ",", "naive".replace("i", "ï")]


def test_batches_are_padded_and_truncated(tokenizer: tf.Tokenizer) -> None:
    texts = ["one", "one two three four five six"]
    padded = tokenizer.encode_batch(texts, tf.EncodeOptions(padding=tf.Padding.LONGEST, pad_to_multiple_of=5))
    assert [len(row.input_ids) for row in padded] == [10, 10]
    assert padded[0].attention_mask == [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]
    left = tf.EncodeOptions(padding=tf.Padding.MAX_LENGTH, max_length=5, padding_side=tf.Side.LEFT)
    assert tokenizer.encode("one", left).attention_mask == [0, 0, 1, 1, 1]
    cut = tf.EncodeOptions(truncation=tf.Truncation.LONGEST_FIRST, max_length=4)
    assert [len(row.input_ids) for row in tokenizer.encode_batch(texts, cut)] == [3, 4]
    pairs = tokenizer.encode_pairs([tf.TextPair(text="one two", text_pair="three")], tf.EncodeOptions(max_length=5))
    assert pairs[0].token_type_ids == [0, 0, 0, 1, 1]


def test_ids_are_decoded(tokenizer: tf.Tokenizer) -> None:
    ids = tokenizer.encode("Hello, world!").input_ids
    assert tokenizer.decode(ids) == "[CLS] hello, world! [SEP]"
    assert tokenizer.decode(ids, skip_special_tokens=True) == "hello, world!"
    assert tokenizer.token_to_id("hello") == 7592
    assert tokenizer.id_to_token(7592) == "hello"
    assert tokenizer.id_to_token(-1) is None
    assert tokenizer.vocab_size() == 30522


def test_conversations_are_rendered(models: Path) -> None:
    tokenizer = tf.Tokenizer.load(str(models / "text_generation"))
    messages = [tf.ChatMessage(role="user", content="hello"), tf.ChatMessage(role="assistant", content="you")]
    text = tokenizer.apply_chat_template(messages)
    assert text.index("hello") < text.index("you")
    prompt = tokenizer.apply_chat_template(messages, tf.ChatOptions(add_generation_prompt=True))
    assert prompt.startswith(text) and prompt != text
    template = tf.ChatOptions(chat_template="{{ messages[0].content }} {{ mood }}", variables='{"mood": "!"}')
    assert tokenizer.apply_chat_template(messages, template) == "hello !"


def test_embeddings_are_those_of_the_reference(encoder: tf.Encoder, cases: Path) -> None:
    rows = lines(cases, "embeddings")
    found = encoder.embed([text for text, _ in rows])
    for (text, expected), vector in zip(rows, found, strict=True):
        assert vector == pytest.approx([float(value) for value in expected.split()], abs=TOLERANCE), text
    truncated = encoder.embed(["no"], tf.EmbedOptions(truncate_dim=8, normalize_embeddings=True))
    assert len(truncated[0]) == 8
    assert math.hypot(*truncated[0]) == pytest.approx(1, abs=1e-6)


def test_similar_texts_have_a_larger_similarity(encoder: tf.Encoder) -> None:
    vectors = encoder.embed(["A cat sits.", "A feline sits.", "Interest rates fell."])
    similar, other = encoder.similarity(vectors[:1], vectors[1:])[0]
    assert similar > 0.6 > 0.3 > other


def test_forward_pooled_by_hand_is_the_embedding(minilm: str, encoder: tf.Encoder, tokenizer: tf.Tokenizer) -> None:
    model = tf.Model.load(minilm, tf.Head.BASE)
    rows = tokenizer.encode_batch(["no", "Rust is fast."], tf.EncodeOptions(padding=tf.Padding.LONGEST))
    inputs = tf.ModelInputs(
        input_ids=[row.input_ids for row in rows], attention_mask=[row.attention_mask for row in rows]
    )
    states = model.forward(inputs).last_hidden_state
    assert states is not None
    assert states.shape == [2, 6, 384]
    mean = [sum(states.data[token * 384 + index] for token in range(3)) / 3 for index in range(384)]
    norm = math.hypot(*mean)
    assert [value / norm for value in mean] == pytest.approx(encoder.embed(["no"])[0], abs=1e-5)


def test_int8_weights_stay_near(minilm: str, encoder: tf.Encoder) -> None:
    quantized = tf.Encoder.load(minilm, tf.LoadOptions(precision=tf.Precision.INT8, device=tf.Device.CPU()))
    text = ["The stock market fell sharply."]
    similarity = encoder.similarity(quantized.embed(text), encoder.embed(text))[0][0]
    assert 0.98 < similarity < 0.99999


def test_text_classification(models: Path, cases: Path) -> None:
    classifier = tf.TextClassifier.load(str(models / "text_classification"))
    for text, expected in lines(cases, "text_classification"):
        words = expected.split()
        found = classifier.classify([text])[0]
        assert [score.label for score in found] == words[::2]
        assert [score.score for score in found] == pytest.approx([float(score) for score in words[1::2]], abs=TOLERANCE)
        assert len(classifier.classify([text], tf.TextClassificationOptions(top_k=1))[0]) == 1
    pair = classifier.classify_pairs([tf.TextPair(text="the cat", text_pair="the mat")])[0]
    assert sum(score.score for score in pair) == pytest.approx(1, abs=1e-6)


def test_token_classification(models: Path, cases: Path) -> None:
    classifier = tf.TokenClassifier.load(str(models / "token_classification"))
    options = tf.TokenClassificationOptions(aggregation_strategy=tf.AggregationStrategy.SIMPLE)
    for text, expected in lines(cases, "token_classification"):
        words = expected.split()
        found = classifier.classify([text], options)[0]
        assert [entity.label for entity in found] == words[::4]
        assert [entity.score for entity in found] == pytest.approx(
            [float(score) for score in words[1::4]], abs=TOLERANCE
        )
        assert [[entity.span.start, entity.span.end] for entity in found] == [
            [int(start), int(end)] for start, end in zip(words[2::4], words[3::4], strict=True)
        ]


def test_zero_shot_classification(models: Path, cases: Path) -> None:
    classifier = tf.ZeroShotClassifier.load(str(models / "zero_shot"))
    for text, labels, expected in lines(cases, "zero_shot"):
        pairs = [pair.split("=") for pair in expected.split("|")]
        found = classifier.classify([text], labels.split("|"))[0]
        assert [score.label for score in found] == [label for label, _ in pairs]
        assert [score.score for score in found] == pytest.approx([float(score) for _, score in pairs], abs=TOLERANCE)
    with pytest.raises(tf.TrustformersError.Input, match="hypothesis_template"):
        classifier.classify(["x"], ["y"], tf.ZeroShotClassificationOptions(hypothesis_template="no place"))


def test_question_answering(models: Path, cases: Path) -> None:
    answerer = tf.QuestionAnswerer.load(str(models / "question_answering"))
    for question, context, *rows in lines(cases, "question_answering"):
        found = answerer.answer(question, context, tf.QuestionAnsweringOptions(top_k=len(rows)))
        for answer, row in zip(found, rows, strict=True):
            text, score, start, end = row.split("|")
            assert (answer.answer, answer.span.start, answer.span.end) == (text, int(start), int(end))
            assert answer.score == pytest.approx(float(score), abs=TOLERANCE)


def test_errors_name_the_culprit(minilm: str, models: Path, tokenizer: tf.Tokenizer, tmp_path: Path) -> None:
    missing = str(tmp_path / "nothing")
    for load in (tf.Encoder.load, tf.Tokenizer.load, tf.Generator.load):
        with pytest.raises(tf.TrustformersError.Hub, match="nothing"):
            load(missing)
    with pytest.raises(tf.TrustformersError.Tokenizer):
        tf.Tokenizer.load(str(tmp_path))
    with pytest.raises(tf.TrustformersError, match=r"config\.json"):
        tf.Model.load(str(tmp_path), tf.Head.BASE)
    model = tf.Model.load(minilm, tf.Head.BASE)
    with pytest.raises(tf.TrustformersError.Input, match="input_ids.*30522"):
        model.forward(tf.ModelInputs(input_ids=[[101, 30522, 102]]))
    with pytest.raises(tf.TrustformersError.Input, match="input_ids: row 1 has 1 values"):
        model.forward(tf.ModelInputs(input_ids=[[101, 102], [101]]))
    with pytest.raises(tf.TrustformersError.Input, match="attention_mask"):
        model.forward(tf.ModelInputs(input_ids=[[101, 102]], attention_mask=[[1]]))
    with pytest.raises(tf.TrustformersError.Input, match="causal_lm"):
        tf.Generator(model, tokenizer)
    with pytest.raises(tf.TrustformersError.Input, match="token_ids: -1"):
        tokenizer.decode([-1])
    with pytest.raises(tf.TrustformersError.Unsupported, match="cuda"):
        tf.Model.load(minilm, tf.Head.BASE, tf.LoadOptions(device=tf.Device.CUDA(index=0)))
    offline = tf.HubOptions(local_files_only=True, cache_dir=str(tmp_path))
    with pytest.raises(tf.TrustformersError.Hub, match="org/name.*local_files_only"):
        tf.download("org/name", options=offline)


def test_threads_share_an_encoder(encoder: tf.Encoder) -> None:
    texts = [f"sentence number {index}" for index in range(8)]
    expected = encoder.embed(texts)
    found: dict[int, list[list[float]]] = {}

    def run(index: int) -> None:
        for _ in range(5):
            found[index] = encoder.embed([texts[index]])

    threads = [threading.Thread(target=run, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index in range(8):
        assert found[index][0] == pytest.approx(expected[index], abs=1e-5)
