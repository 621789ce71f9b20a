"""Thousands of recordings: a list of them in, open tables out, nothing computed twice."""
