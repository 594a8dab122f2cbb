"""Programs on a terminal of their own, for tests of what they draw."""

import fcntl
import os
import pty
import re
import select
import termios
import time


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, arguments, folder, environment, columns=100):
        self.printed = ""
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.execve(arguments[0], arguments, environment)
        size = columns.to_bytes(2, "little")
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, b"\x18\x00" + size + b"\x00\x00\x00\x00")

    def read(self, until=None, seconds=120):
        """Reads until the pattern was printed, or else to the end."""
        deadline = time.monotonic() + seconds
        while until is None or not re.search(until, self.printed):
            ready, _, _ = select.select([self.terminal], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise AssertionError(f"nothing like {until!r} in {self.printed!r}")
            try:
                block = os.read(self.terminal, 65536)
            except OSError:  # the other end is closed
                block = b""
            if not block:
                break
            self.printed += block.decode(errors="replace")
        return self.printed

    def type(self, text):
        os.write(self.terminal, text.encode())

    def end(self):
        """Exit code, or minus the signal."""
        self.read()
        _, state = os.waitpid(self.process, 0)
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(state)
