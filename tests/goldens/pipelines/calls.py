"""What the pipelines are asked: a small vocabulary, and calls for every task."""

import string
from dataclasses import dataclass, field

WORDS = """the of and in to is it was he she on at with not this that example about cat dog sat mat ran home paris
london rome anna john city river sport music news food good bad very red blue big small who what where lives works eats
##ing ##ed ##er book read play train green york"""

VOCABULARY = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    *string.ascii_lowercase,
    *(f"##{letter}" for letter in string.ascii_lowercase),
    *string.digits,
    *".,?!'-:",
    *WORDS.split(),
]
# As many as the checkpoints have.
assert len(set(VOCABULARY)) == len(VOCABULARY) == 131

NER = {"O": 0, "B-PER": 1, "I-PER": 2, "B-LOC": 3, "I-LOC": 4}
NLI = {"contradiction": 0, "neutral": 1, "entailment": 2}
NLI_REVERSED = {"entailment": 0, "neutral": 1, "contradiction": 2}

# The checkpoint's own classifier finds the same label everywhere.
ENTITIES = "pipelines/entities.safetensors"
ENTITY_TEXTS = [
    "Anna Smith lives in London with John.",
    "Hello, reading played trains: Johnny-Anna isn't in New York?",
    "é unknown ∞ Zürich",
    "",
]


@dataclass
class Call:
    task: str
    inputs: object
    arguments: dict = field(default_factory=dict)
    model: str = "bert"
    # Keys of config.json that are other than in the model's folder.
    config: dict = field(default_factory=dict)
    # The file below tests/goldens with tensors that are other than in the model's folder.
    weights: str | None = None


def labeled(label2id: dict[str, int]) -> dict:
    return {"id2label": {index: label for label, index in label2id.items()}, "label2id": label2id}


def text_classification() -> list[Call]:
    one = "The cat sat on the mat."
    several = [one, "She lives in Rome, he works in London!", "", "Very good food"]
    long = "the dog ran home and the cat sat on the mat at home in paris with anna and john, who is very good"
    pair = {"text": "Where is Anna?", "text_pair": "Anna was in Paris."}
    problems = ["regression", "single_label_classification", "multi_label_classification"]
    one_label = {"config": labeled({"LABEL_0": 0}), "weights": "encoders/bert/regression.safetensors"}
    calls = [
        (one, {}, {}),
        (several, {}, {}),
        (several, {"batch_size": 2}, {}),
        *((one, {"top_k": top_k}, {}) for top_k in (None, 1, 2, 7)),
        *((several, {"top_k": top_k}, {}) for top_k in (None, 1, 2)),
        *((one, {"function_to_apply": name, "top_k": None}, {}) for name in ("sigmoid", "softmax", "none")),
        *((one, {"function_to_apply": name}, {}) for name in ("sigmoid", "softmax", "none")),
        *((one, {"top_k": None}, {"config": {"problem_type": problem}}) for problem in problems),
        (one, {}, one_label),
        (one, {"function_to_apply": "none"}, one_label),
        (one, {}, one_label | {"config": one_label["config"] | {"problem_type": "regression"}}),
        (pair, {}, {}),
        ([pair, {"text": "Who eats?", "text_pair": "The big red dog."}], {"top_k": None}, {}),
        (long, {"truncation": True}, {}),
        (long, {"truncation": True, "max_length": 8, "top_k": None}, {}),
    ]
    return [Call("text-classification", inputs, arguments, **model) for inputs, arguments, model in calls]


def token_classification() -> list[Call]:
    texts = ENTITY_TEXTS
    long = "Anna and John sat at home in Paris and Anna read the news about sport, music and food to big John Smith"
    strategies = ["none", "simple", "first", "average", "max"]
    ner = labeled(NER)
    calls = [
        *((text, {"aggregation_strategy": strategy}) for strategy in strategies for text in texts),
        (texts[:3], {"aggregation_strategy": "simple"}),
        (texts[:3], {"aggregation_strategy": "first", "batch_size": 2}),
        (texts[0], {}),
        (texts[0], {"ignore_labels": []}),
        (texts[1], {"ignore_labels": ["PER"], "aggregation_strategy": "simple"}),
        (texts[1], {"ignore_labels": ["O", "I-PER"]}),
        (["Anna", "Smith", "lives", "in", "London-Rome"], {"is_split_into_words": True}),
        (["Anna", "Smith"], {"is_split_into_words": True, "delimiter": "_", "aggregation_strategy": "average"}),
        (long, {}),
        *((long, {"stride": 5, "aggregation_strategy": strategy}) for strategy in strategies),
    ]
    calls = [
        Call("token-classification", inputs, arguments, config=ner, weights=ENTITIES) for inputs, arguments in calls
    ]
    # Labels without B- and I-, none of which is O.
    return [*calls, Call("token-classification", texts[0], {"aggregation_strategy": "simple"})]


def fill_mask() -> list[Call]:
    one = "the cat [MASK] on the mat."
    two = "[MASK] lives in [MASK]!"
    calls = [
        (one, {}),
        (two, {}),
        ([one, two], {"top_k": 2}),
        ([one], {"top_k": 1}),
        (one, {"top_k": 1}),
        (one, {"top_k": 131}),
        (one, {"targets": ["cat", "dog", "sat"]}),
        (one, {"targets": "ran"}),
        (one, {"targets": ["ran", "trains", "ran"], "top_k": 5}),
        (two, {"targets": ["anna", "paris", "##s"], "top_k": 2}),
        (one, {"tokenizer_kwargs": {"truncation": True, "max_length": 6}}),
        ("no mask", {}),
        (one, {"targets": [""]}),
    ]
    return [Call("fill-mask", inputs, arguments) for inputs, arguments in calls]


def zero_shot_classification() -> list[Call]:
    one = "Anna eats good food in Rome"
    labels = ["food", "sport", "city news"]
    long = "the dog ran home and the cat sat on the mat at home in paris with anna and john, who is very good"
    calls = [
        *((one, {"candidate_labels": labels, "multi_label": several}) for several in (False, True)),
        (one, {"candidate_labels": labels}),
        (one, {"candidate_labels": "food, sport,music"}),
        (one, {"candidate_labels": ["food"]}),
        (one, {"candidate_labels": labels, "hypothesis_template": "it was about {}, not that"}),
        ([one, "john read a book"], {"candidate_labels": labels, "multi_label": True}),
        (long, {"candidate_labels": labels}),
        (one, {"candidate_labels": labels, "hypothesis_template": "nothing to fill"}),
        (one, {"candidate_labels": []}),
    ]
    calls = [(*call, labeled(NLI)) for call in calls]
    calls.append((one, {"candidate_labels": labels, "multi_label": True}, labeled(NLI_REVERSED)))
    calls += [(one, {"candidate_labels": labels, "multi_label": several}, {}) for several in (False, True)]
    return [Call("zero-shot-classification", text, arguments, config=config) for text, arguments, config in calls]


def feature_extraction() -> list[Call]:
    calls = [
        ("the cat", {}),
        (["the cat", "sat"], {}),
        ("the cat sat on the mat", {"truncation": True, "tokenize_kwargs": {"max_length": 4}}),
    ]
    return [Call("feature-extraction", inputs, arguments) for inputs, arguments in calls]


def question_answering() -> list[Call]:
    question = "Where is Anna?"
    context = "Johnny lives in Rome. Anna Smith trains in London."
    long = "John ran home to London, the big city on the river. Anna was in Paris; she read the news, and John eats."
    given = {"question": question, "context": context}
    longer = {"question": question, "context": long}
    calls = [
        (given, {}),
        *((given, {"top_k": top_k}) for top_k in (1, 3, 40)),
        *((given, {"max_answer_len": length, "top_k": 3}) for length in (1, 2, 5)),
        *((given, {"handle_impossible_answer": True, "top_k": top_k}) for top_k in (1, 3, 40)),
        (given, {"align_to_words": False, "top_k": 3}),
        (longer, {}),
        (longer, {"max_seq_len": 16, "doc_stride": 4, "top_k": 3}),
        (longer, {"max_seq_len": 16, "doc_stride": 4, "top_k": 3, "padding": "max_length"}),
        (longer, {"max_seq_len": 20, "doc_stride": 2, "handle_impossible_answer": True, "top_k": 3}),
        (longer, {"max_seq_len": 12, "doc_stride": 3, "max_answer_len": 3, "align_to_words": False, "top_k": 3}),
        (
            {"question": "Who is very very good and what is it about?", "context": context},
            {"max_question_len": 4, "doc_stride": 4, "top_k": 2},
        ),
        ({"question": [question, "Who eats?"], "context": [context, long]}, {}),
        ({"question": [question, "Who eats?"], "context": context}, {"top_k": 2, "batch_size": 2}),
        ({"question": "Who?", "context": "Zürich ∞ trains"}, {"top_k": 5}),
        ({"question": question, "context": ""}, {}),
        (given, {"top_k": 0}),
        (given, {"max_answer_len": 0}),
        (longer, {"max_seq_len": 8, "doc_stride": 9}),
    ]
    two = labeled({"LABEL_0": 0, "LABEL_1": 1})
    return [Call("question-answering", inputs, arguments, config=two) for inputs, arguments in calls]


def all_calls() -> list[Call]:
    """Without question answering, which transformers 5 has no pipeline for."""
    return [
        *text_classification(),
        *token_classification(),
        *fill_mask(),
        *zero_shot_classification(),
        *feature_extraction(),
    ]
