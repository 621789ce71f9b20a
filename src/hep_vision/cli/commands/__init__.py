"""One module per group of commands; importing this package registers them all."""

from hep_vision.cli.commands import (
    analyze,
    compare,
    evaluate,
    exercises,
    feeling,
    live,
    log,
    models,
    pages,
    program,
    progress,
    teaching,
    upkeep,
)

__all__ = [
    "analyze",
    "compare",
    "evaluate",
    "exercises",
    "feeling",
    "live",
    "log",
    "models",
    "pages",
    "program",
    "progress",
    "teaching",
    "upkeep",
]
