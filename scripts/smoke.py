"""Imports all of one part of the project and makes first use of it, where nothing else is installed: smoke.py PART.

MAVIBOT_BASE_URL and MAVIBOT_API_KEY name a running mock.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from pkgutil import walk_packages
from typing import TYPE_CHECKING, Any, Final

from mavibot import AsyncMavibot, Mavibot, errors

if TYPE_CHECKING:
    from collections.abc import Callable

#: The packages of each part; what a module of them needs from another extra may be absent.
_PACKAGES: Final = {
    "base": ["mavibot_contract", "mavibot_api", "mavibot"],
    "cli": ["mavibot_cli"],
    "mock": ["mavibot_mock", "mavibot_cli"],
    "conformance": ["mavibot_conformance", "mavibot_cli"],
    "proxy": ["mavibot_proxy"],
    "ratelimit": ["mavibot"],
    "aiohttp": ["mavibot"],
    "otel": ["mavibot"],
}
#: Extra -> a package that it installs and no other part needs.
_NEEDED: Final = {"cli": "typer", "mock": "starlette", "conformance": "schemathesis"}
_OPTIONAL: Final = {"aiohttp", "jsonschema_rs", "pyrate_limiter", "pytest"}


def main(part: str) -> None:
    """Import and use a part, and print what was done."""
    modules = sum(map(_import_all, _PACKAGES[part]))
    _USES[part]()
    print(f"{modules} modules imported, in use")


def _import_all(package: str) -> int:
    """Import every module of a package and return their number."""
    count = 0
    for module in walk_packages(import_module(package).__path__, f"{package}."):
        if module.name.endswith(".__main__"):
            continue
        try:
            import_module(module.name)
        except ModuleNotFoundError as error:
            if error.name not in _OPTIONAL:
                raise
        else:
            count += 1
    return count


def _use_client(**options: Any) -> None:
    with Mavibot(**options) as bot:
        bot.message(client_id=25554, message="Hello")
        _expect(bot.get_history(client_id=25554, limit=1).result[0].text, "Hello")
        try:
            bot.message(client_id=1, message="Hello")
        except errors.ClientNotFound:
            pass
        else:
            raise SystemExit("a message to a client that does not exist was accepted")
    asyncio.run(_use_async())


async def _use_async(**options: Any) -> None:
    async with AsyncMavibot(**options) as bot:
        await asyncio.gather(*(bot.message(client_id=25554, message="Hello") for _ in range(7)))


def _use_command() -> None:
    _expect(_mavibot("--version"), f"mavibot {version('mavibot')}\n")
    _expect(json.loads(_mavibot("call", "get_clients", "limit=1"))["status"], "success")
    _mavibot("clients", "--help")
    contract, plain = Path("contract.json"), Path("plain.json")
    contract.write_text(_mavibot("contract"))
    plain.write_text(_mavibot("contract", "--plain", "--url", os.environ["MAVIBOT_BASE_URL"]))
    _expect(_mavibot("contract", "diff", str(contract)), "The contract has not changed.\n")
    _expect("Version step: " in _mavibot("contract", "diff", str(contract), str(plain)), True)
    for extra, argument in (("mock", "--port=0"), ("conformance", "http://127.0.0.1:9")):
        if find_spec(_NEEDED[extra]) is None:
            _says_what_is_missing(extra, extra, argument)


def _use_mock() -> None:
    from mavibot_mock import Mock  # noqa: PLC0415 - not installed with the other parts

    with Mock() as mock, Mavibot(mock.api_key, base_url=mock.url, transport=mock.transport()) as bot:
        bot.message(client_id=25554, message="Hello", time_shift=60)
        mock.clock.advance("1h")
        mock.expect("message", client_id=25554).once()
    with subprocess.Popen([_program(), "mock", "--port", "0", "--ready-json"], stdout=subprocess.PIPE) as process:
        try:
            ready = json.loads(process.stdout.readline()) if process.stdout else {}
            _use_client(api_key=ready["api_key"], base_url=ready["url"])
        finally:
            process.terminate()


def _use_conformance() -> None:
    _mavibot("conformance", os.environ["MAVIBOT_BASE_URL"], "--level", "smoke", "--quiet")


def _use_proxy() -> None:
    from mavibot_proxy import Proxy  # noqa: PLC0415 - not installed with the other parts

    _mavibot("proxy", "--help")
    with Proxy(os.environ["MAVIBOT_BASE_URL"]) as proxy:
        _use_client(base_url=proxy.url)
    _expect(proxy.summary.statuses["message"].total(), 2)


def _use_base() -> None:
    _use_client()
    if find_spec(_NEEDED["cli"]) is None:
        _says_what_is_missing("cli")


def _says_what_is_missing(extra: str, *arguments: str) -> None:
    """Expect a command to fail with one line that says how to install an extra."""
    done = subprocess.run([_program(), *arguments], capture_output=True, text=True, check=False)
    _expect((done.returncode != 0, done.stdout, done.stderr.count("\n")), (True, "", 1))
    _expect(f"pip install 'mavibot[{extra}]'" in done.stderr, True)


def _mavibot(*arguments: str) -> str:
    return subprocess.run([_program(), *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout


def _program() -> Path:
    return Path(sys.executable).with_name("mavibot")


def _expect(seen: object, wanted: object) -> None:
    if seen != wanted:
        raise SystemExit(f"expected {wanted!r}, got {seen!r}")


_USES: Final[dict[str, Callable[[], None]]] = {
    "base": _use_base,
    "cli": _use_command,
    "mock": _use_mock,
    "conformance": _use_conformance,
    "proxy": _use_proxy,
    "ratelimit": lambda: _use_client(rate="20/s"),
    "aiohttp": lambda: asyncio.run(_use_async(transport="aiohttp")),
    "otel": _use_client,
}

if __name__ == "__main__":
    main(sys.argv[1])
