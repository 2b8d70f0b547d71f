"""Draws a result of `encoders.py run`: a panel per precision, bars relative to the fastest peer."""

from pathlib import Path
from typing import Any

from contestants import OURS, PEERS

COLORS = {OURS: "#c8452f", "torch": "#8d99ae", "onnxruntime": "#5c6b84", "openvino": "#2f3b52"}
GROUP_WIDTH = 0.85
# Taller bars are cut here; their label has the ratio.
HIGHEST = 3.0


def plot(result: dict[str, Any], target: Path) -> None:
    """Writes a PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = [row for row in result["results"] if row["fastest_peer"] is not None]
    precisions = list(dict.fromkeys(row["precision"] for row in rows))
    if not rows:
        raise SystemExit("nothing to plot: the bars are relative to the fastest peer, and no peer was measured")
    most = max(len(row["median_ms"]) for row in rows)
    cases = max(sum(row["precision"] == precision for row in rows) for precision in precisions)
    width = max(7.0, 0.55 * cases * (most + 1) + 1.5)
    figure, panels = pyplot.subplots(len(precisions), 1, figsize=(width, 3.2 * len(precisions) + 0.8), squeeze=False)
    for panel, precision in zip(panels[:, 0], precisions, strict=True):
        draw_panel(panel, precision, [row for row in rows if row["precision"] == precision])
    processor = result["processor"]
    figure.suptitle(
        f"BERT-base, {processor['name']}, {result['threads']} threads, {result['date'][:10]}\n"
        f"{', '.join(processor['flags'])}",
        fontsize=11,
    )
    figure.tight_layout()
    figure.savefig(target, dpi=150)
    pyplot.close(figure)


def draw_panel(panel: Any, precision: str, rows: list[dict[str, Any]]) -> None:
    names = [name for name in (OURS, *PEERS) if any(name in row["median_ms"] for row in rows)]
    width = GROUP_WIDTH / max(len(names), 3)
    tallest = 1.0
    for index, name in enumerate(names):
        offset = (index - (len(names) - 1) / 2) * width
        for group, row in enumerate(rows):
            if name not in row["median_ms"]:
                continue
            milliseconds = row["median_ms"][name]
            ratio = milliseconds / row["median_ms"][row["fastest_peer"]]
            height = min(ratio, HIGHEST)
            tallest = max(tallest, height)
            label = f"{milliseconds:.1f}" if milliseconds < 100 else f"{milliseconds:.0f}"
            if ratio > HIGHEST:
                label += f"\n({ratio:.1f} x)"
            panel.bar(group + offset, height, width * 0.92, color=COLORS[name], label=name if group == 0 else None)
            panel.annotate(
                label,
                (group + offset, height),
                (0, 2),
                textcoords="offset points",
                ha="center",
                va="bottom",
                fontsize=8,
            )
    panel.axhline(1.0, color="black", linewidth=0.8, linestyle="--", zorder=0)
    panel.set_xticks(range(len(rows)), [row["case"] for row in rows])
    panel.set_xlim(-0.6, len(rows) - 0.4)
    panel.set_ylim(0, tallest * 1.2)
    panel.set_title(f"{precision}: time relative to the fastest peer, labels in ms, lower is better", fontsize=10)
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)
