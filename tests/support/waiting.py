"""Waiting for what takes a moment on an idle machine, always under a time limit that fails."""

import time

PATIENCE = 240  # seconds


def wait_for(condition, what, seconds=PATIENCE):
    """What `condition` returns once it is true. Raises AssertionError after so many seconds."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not in {seconds} s: {what}")
