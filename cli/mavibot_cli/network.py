"""How commands reach a server, and are reached: the options `--proxy` and `--port`, and the trusted certificates."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Annotated, Final
from urllib.parse import urlsplit

import typer

from mavibot_cli.client_internals import CERTIFICATE_VARIABLES, certificates
from mavibot_cli.exits import UsageProblem

_SOCKS: Final = ("socks5", "socks5h")
_SCHEMES: Final = ("http", "https", *_SOCKS)


def check_certificates() -> None:
    """Read the certificates that the environment names.

    Raises:
        ConfigurationError: they cannot be read.
    """
    if any(map(os.environ.get, CERTIFICATE_VARIABLES)):
        certificates()


def _checked(proxy: str | None) -> str | None:
    """Return the address of a proxy; no message repeats it, because it can hold a password.

    Raises:
        UsageProblem: it is not one.
    """
    if proxy is None:
        return None
    try:
        parts = urlsplit(proxy)
        fits = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0 and parts.path in {"", "/"}
    except ValueError:
        parts, fits = None, False
    if parts is None or not fits:
        raise UsageProblem("--proxy: give scheme, host and port, such as http://proxy.example:3128")
    if parts.scheme in _SOCKS and find_spec("socksio") is None:
        raise UsageProblem("--proxy: a SOCKS proxy needs one more package; install it with: pip install socksio")
    return proxy


Proxy = Annotated[
    str | None,
    typer.Option(
        "--proxy",
        metavar="URL",
        callback=_checked,
        help="Make all calls through this proxy, such as http://proxy.example:3128. The proxy settings of the"
        " environment are not used.",
        show_default=False,
    ),
]

Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks a free one.")]
