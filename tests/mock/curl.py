"""Sends what a shown curl command sends, so that the tests do not need that program."""

from __future__ import annotations

import shlex
from argparse import ArgumentParser

import httpx2


def curl(command: str) -> httpx2.Response:
    """Send the request of a curl command.

    Args:
        command: one line of a shell: `curl`, any `-H`, a `-d` or `--data`, and the address.

    Raises:
        ValueError: the command holds anything else.
    """
    # Unquoted, `&` or `|` would end the command in a shell; here it becomes a word of its own, which is refused.
    words = shlex.shlex(command, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    words.commenters = ""
    program, *arguments = words
    parser = ArgumentParser(exit_on_error=False, allow_abbrev=False)
    parser.add_argument("-H", "--header", action="append", default=[])
    parser.add_argument("-d", "--data")
    parser.add_argument("url")
    sent, unknown = parser.parse_known_args(arguments)
    # `@` makes curl read a file.
    if program != "curl" or unknown or (sent.data or "").startswith("@"):
        raise ValueError(f"no curl command of the plain kind: {command}")
    if sent.data is None:
        return httpx2.get(sent.url, headers=_headers(sent.header))
    # curl's own label, unless the command gives one.
    headers = {"Content-Type": "application/x-www-form-urlencoded", **_headers(sent.header)}
    return httpx2.post(sent.url, content=sent.data.encode(), headers=headers)


def _headers(lines: list[str]) -> dict[str, str]:
    pairs = (line.split(":", maxsplit=1) for line in lines)
    return {name.strip().title(): value.strip() for name, value in pairs}
