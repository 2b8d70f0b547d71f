"""What transformers' trainer has and this one refuses."""

from __future__ import annotations

from typing import Any, NoReturn

from trustformers.errors import UnsupportedError
from trustformers.training.trainer_base import TrainerBase

__all__ = ["UnsupportedTrainerMethods"]


class UnsupportedTrainerMethods(TrainerBase):
    """Methods that raise `UnsupportedError` with what to do instead."""

    def push_to_hub(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raises `UnsupportedError`: nothing is uploaded."""
        raise _unsupported("push_to_hub()", "call save_model(), and huggingface_hub.upload_folder with its directory")

    def init_hf_repo(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raises `UnsupportedError`: nothing is uploaded."""
        raise _unsupported("init_hf_repo()", "huggingface_hub.create_repo makes a repository")

    def create_model_card(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raises `UnsupportedError`: model cards are not written."""
        raise _unsupported(
            "create_model_card()", "huggingface_hub.ModelCard writes one; save_metrics() has its numbers"
        )

    def hyperparameter_search(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raises `UnsupportedError`: hyperparameters are not searched."""
        raise _unsupported(
            "hyperparameter_search()", "make a Trainer for each choice, for example in the objective of an Optuna study"
        )

    def create_accelerator_and_postprocess(self) -> NoReturn:
        """Raises `UnsupportedError`: there is no accelerator."""
        raise _unsupported("create_accelerator_and_postprocess()", "leave it out: there is no accelerate below")

    def end(self) -> None:
        """Has no effect: there are no other processes."""

    def get_cp_size(self) -> int:
        """The number of processes that share a sequence: one."""
        return 1

    def get_sp_size(self) -> int:
        """The number of processes that share a sequence: one."""
        return 1

    def get_tp_size(self) -> int:
        """The number of processes that share a tensor: one."""
        return 1


def _unsupported(name: str, instead: str) -> UnsupportedError:
    return UnsupportedError(f"not supported: {name} of a Trainer; {instead}")
