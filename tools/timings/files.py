"""Errors for people, and files that are whole or absent."""

import os
import pathlib
import tempfile


class Failure(Exception):
    """Something to tell the user, with the exit code that stands for it."""

    def __init__(self, message, code):
        super().__init__(message)
        self.code = code


def write_whole(path, text):
    """Writes under another name and renames, so that a reader sees the old file or the new one, never half of it."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(prefix=path.name + ".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(part, 0o644)  # mkstemp's files are private
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise
