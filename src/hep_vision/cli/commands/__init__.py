"""One module per group of commands; importing this package registers them all."""

from hep_vision.cli.commands import (
    analyze,
    clips,
    compare,
    evaluate,
    exercises,
    export,
    feeling,
    live,
    log,
    models,
    pages,
    program,
    progress,
    report,
    teaching,
    upkeep,
)

__all__ = [
    "analyze",
    "clips",
    "compare",
    "evaluate",
    "exercises",
    "export",
    "feeling",
    "live",
    "log",
    "models",
    "pages",
    "program",
    "progress",
    "report",
    "teaching",
    "upkeep",
]
