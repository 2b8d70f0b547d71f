"""setfit: predictions of a sentence-transformers body with a scikit-learn head."""

from __future__ import annotations

from setfit import SetFitModel

TEXTS = ["A good film", "I enjoyed every minute", "bad and boring", "too long"]


def predictions():
    model = SetFitModel.from_pretrained("tiny/embedding", device="cpu")
    model.model_head.fit(model.model_body.encode(TEXTS), [1, 1, 0, 0])
    return model.predict_proba(["good", "boring"], as_numpy=True)
