"""One module per group of commands; importing this package registers them all."""

from hep_vision.cli.commands import analyze, evaluate, exercises, log, models, teaching, upkeep

__all__ = ["analyze", "evaluate", "exercises", "log", "models", "teaching", "upkeep"]
