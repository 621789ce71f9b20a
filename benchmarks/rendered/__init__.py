"""Film a rendered person doing the catalogue, with planted faults, and judge it like a recording.

python -m benchmarks.rendered --help
"""
