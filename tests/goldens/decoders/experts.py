"""How clearly a model's routers choose their experts: another right answer must not choose others."""

from contextlib import contextmanager

import torch
from shared.inputs import Case
from shared.results import compute
from transformers import PreTrainedModel

# In the routers' logits. Bfloat16 moves them by a few hundredths.
BFLOAT16_MARGIN = 0.05


@contextmanager
def router_margins(model: PreTrainedModel):
    """Gets, for each router that runs, the distance of the last expert that is chosen from the next, per token."""
    found: list[torch.Tensor] = []

    def note(router: torch.nn.Module, _: object, output: tuple) -> None:
        ordered = output[0].sort(descending=True).values
        found.append(ordered[:, router.top_k - 1] - ordered[:, router.top_k])

    routers = [module for module in model.modules() if type(module).__name__.endswith("TopKRouter")]
    hooks = [router.register_forward_hook(note) for router in routers]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()


def are_decided(model: PreTrainedModel, case: Case) -> bool:
    """Whether bfloat16 chooses the experts of float32; true of families without experts."""
    if not case.in_bfloat16:
        return True
    with router_margins(model) as found:
        compute(model, case)
    mask = case.inputs.get("attention_mask")
    seen = slice(None) if mask is None else torch.from_numpy(mask == 1).flatten()
    return all(bool((margins[seen] > BFLOAT16_MARGIN).all()) for margins in found)
