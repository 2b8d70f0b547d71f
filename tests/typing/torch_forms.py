"""A script that treats outputs as tensors of torch; `mypy --strict` must accept it."""

from trustformers import AutoModel, AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer


def classify(path: str, texts: list[str]) -> list[str]:
    tokenizer = AutoTokenizer.from_pretrained(path)
    model = AutoModelForSequenceClassification.from_pretrained(path).to("cpu").eval()
    logits = model(**tokenizer(texts, padding=True, return_tensors="pt")).logits
    best = logits.softmax(dim=-1).argmax(dim=-1).tolist()
    return [model.config.id2label[label] for label in best]


def embed(path: str, texts: list[str]) -> list[list[float]]:
    tokenizer = AutoTokenizer.from_pretrained(path)
    encoded = tokenizer(texts, padding=True, return_tensors="pt")
    hidden = AutoModel.from_pretrained(path)(**encoded).last_hidden_state
    mask = encoded["attention_mask"].unsqueeze(-1).expand(hidden.size()).float()
    pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
    found: list[list[float]] = pooled.detach().cpu().numpy().tolist()
    return found


def continuation(path: str, text: str) -> str:
    tokenizer = AutoTokenizer.from_pretrained(path)
    model = AutoModelForCausalLM.from_pretrained(path)
    inputs = tokenizer(text, return_tensors="pt").to(model.device)
    ids = model.generate(**inputs, max_new_tokens=8)
    found: str = tokenizer.decode(ids[0][inputs["input_ids"].shape[-1] :], skip_special_tokens=True)
    return found
