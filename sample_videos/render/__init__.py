"""Renders the project's sample clips: a procedural person exercising, with the exact truth."""
