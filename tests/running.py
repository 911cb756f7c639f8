"""Servers in threads and commands in processes: they end with the block that started them, whatever happens in it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from socketserver import BaseServer

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")


@contextmanager
def serving(server: BaseServer) -> Iterator[None]:
    """Serve in a thread; at the end the server is closed."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def started(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start a command in a process group of its own, and kill what is left of the group at the end.

    Args:
        command: program and arguments.
        options: further arguments of `subprocess.Popen`; stdout and stderr are pipes unless told otherwise, of text.
    """
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    with subprocess.Popen(command, text=True, start_new_session=True, **options) as process:
        try:
            yield process
        finally:
            # The group outlives its leader for as long as it has members.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def rest_of(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Return what a command still prints on stdout and stderr until it ends."""
    assert process.stdout is not None
    assert process.stderr is not None
    return process.stdout.read(), process.stderr.read()


def line_of(process: subprocess.Popen[str]) -> str:
    """Return the next line that a command prints."""
    assert process.stdout is not None
    return process.stdout.readline()
