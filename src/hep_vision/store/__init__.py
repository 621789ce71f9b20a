"""The local log of sessions: what was done, how well, and when."""
