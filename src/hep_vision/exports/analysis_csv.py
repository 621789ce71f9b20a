"""One row per repetition and hold of many analyses, for a spreadsheet or a data frame."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from hep_vision.exports.cells import csv_cell
from hep_vision.files import private_draft

COLUMNS: Final = (
    "source", "exercise", "revision", "view", "view_ok", "kind", "index", "side", "status",
    "reason", "start_ms", "peak_ms", "end_ms", "concentric_ms", "hold_ms", "eccentric_ms",
    "peak", "rom", "uncertainty", "unit", "deviations", "session",
)  # fmt: skip


def export_rows(documents: Iterable[dict[str, Any]], path: Path) -> None:
    """Write the rows of analysis documents to ``path``, whole or not at all.

    Raises:
        ExportError: The file cannot be written.
    """
    with (
        private_draft(path, "the table") as draft,
        draft.open("w", encoding="utf-8", newline="") as out,
    ):
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for document in documents:
            writer.writerows(_rows(document))


def _rows(document: dict[str, Any]) -> Iterator[dict[str, object]]:
    shared = {
        "source": csv_cell(document["source"]["path"]),
        "exercise": document["exercise"]["id"],
        "revision": document["exercise"]["revision"],
        "view": document["tracking"]["view"],
        "view_ok": document["tracking"]["view_ok"],
        "unit": document["exercise"]["unit"],
        "session": document["session"],
    }
    for rep in document["reps"]:
        yield shared | {
            "kind": "rep",
            "peak": rep["peak_deg"],
            "rom": rep["rom_deg"],
            "uncertainty": rep["uncertainty_deg"],
            "deviations": " ".join(rep["deviations"]),
            **{key: rep[key] for key in COLUMNS if key in rep and key != "deviations"},
        }
    for hold in document["holds"]:
        yield shared | {
            "kind": "hold",
            "index": hold["index"],
            "side": hold["side"],
            "status": "counted",
            "start_ms": hold["start_ms"],
            "end_ms": hold["end_ms"],
            "hold_ms": hold["counted_ms"],
            "deviations": " ".join(hold["deviations"]),
        }
