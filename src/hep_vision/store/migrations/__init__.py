"""Alembic's scripts: how a log of any age becomes the schema of today.

Revisions are numbered in four digits, so that a larger one is a newer one. Each runs inside the
one transaction that the store opens, with foreign keys off, and they are checked before it
commits. A script is frozen: it says its tables itself and imports nothing of this project.
"""
