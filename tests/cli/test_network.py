"""How commands reach a server: `--proxy`, through which every call goes and through no other, and certificates."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit

import pytest
from tests.cli.support import KEY, refused, run
from tests.running import serving

import mavibot_contract
from mavibot_conformance.engine.fuzz import COVERAGE, run_schemathesis
from mavibot_conformance.plan import Plan
from mavibot_conformance.target.profile import Profile
from mavibot_mock import Server


class Proxy:
    """A forward proxy for plain HTTP that refuses tunnels.

    Attributes:
        url: its address.
        asked: the addresses that it was asked for.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(StreamRequestHandler):
            timeout = 60

            def handle(self) -> None:
                method, target, version = self.rfile.readline().decode().split()
                asked.append(target)
                if method == "CONNECT":
                    self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                    return
                parts = urlsplit(target)
                path = parts._replace(scheme="", netloc="").geturl()
                head = b"".join(iter(self.rfile.readline, b"\r\n"))
                kept = [line for line in head.splitlines(keepends=True) if not line.lower().startswith(b"connection:")]
                length = next((line for line in kept if line.lower().startswith(b"content-length:")), b":0")
                with socket.create_connection((parts.hostname, parts.port)) as server:
                    # One request a connection, so that each is seen.
                    start = f"{method} {path} {version}\r\nConnection: close\r\n".encode()
                    body = self.rfile.read(int(length.partition(b":")[2]))
                    server.sendall(start + b"".join(kept) + b"\r\n" + body)
                    while chunk := server.recv(65536):
                        self.wfile.write(chunk)

        self.server = ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    proxy = Proxy()
    with serving(proxy.server):
        yield proxy


@pytest.fixture(scope="module")
def mock() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (["call", "message", "client_id=25554", "message=x"], "/api/demo-full/message"),
        (["call", "get_clients", "limit=1"], "/api/demo-full/get_clients?limit=1"),
        (["clients", "export", "{folder}/all.csv"], "/api/demo-full/get_clients?"),
        (["clients", "import", "{folder}/new.csv"], "/api/demo-full/load_clients"),
        (["mock", "advance", "1h"], "/_mock/v1/projects/"),
        (["mock", "reset"], "/_mock/v1/projects/"),
        (["mock", "seed", "demo"], "/_mock/v1/projects/"),
        (["mock", "snapshot", "x"], "/_mock/v1/projects/"),
        (["conformance", "{url}", "--rules", "AUTH-8"], "/api/"),
        (["conformance", "replay", "AUTH-8", "{url}"], "/api/"),
    ],
)
def test_every_command_that_calls_a_server(
    mock: Server, proxy: Proxy, tmp_path: Path, arguments: list[str], path: str
) -> None:
    (tmp_path / "new.csv").write_text("platform_id,group_id,client_type\n77,example_bot,1\n")
    given = [argument.format(folder=tmp_path, url=mock.url) for argument in arguments]
    done = run(*given, "--proxy", proxy.url, url=mock.url, key="demo-full")
    assert done.exit_code == 0, done.output
    assert [each for each in proxy.asked if each.startswith(f"{mock.url}{path}")]


def test_the_layers_of_schemathesis_go_through_it(mock: Server, proxy: Proxy) -> None:
    # A single operation is enough, and everything in this process.
    plan = Plan(mock.url, Profile(keys={"full": "demo-full"}, clients=(25554,)), proxy=proxy.url)
    guard = plan.guard()
    (layer,) = run_schemathesis(
        plan, guard, [COVERAGE], [mavibot_contract.load().operation("connected_channels")], lambda *_: None
    )
    assert layer.calls["GET /connected_channels"] > 0
    assert len(proxy.asked) >= layer.calls["GET /connected_channels"]
    # Schemathesis alone tries a key that no project has.
    assert [each for each in proxy.asked if "/api/no-such-key/" in each]


def test_the_proxy_of_the_environment_is_not_used(
    mock: Server, proxy: Proxy, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port}")
    for options in ([], ["--proxy", proxy.url]):
        for command in (["call", "get_messages"], ["mock", "reset"], ["conformance", mock.url, "--rules", "AUTH-8"]):
            assert run(*command, *options, url=mock.url, key="demo-full").exit_code == 0


def test_a_tunnel_that_is_refused_has_carried_nothing_out(proxy: Proxy) -> None:
    arguments = ("call", "message", "client_id=5", "message=x", "--proxy", proxy.url)
    error = refused(*arguments, url="https://server.example", code=4)
    assert "nothing was sent" in error
    assert set(proxy.asked) == {"server.example:443"}


@pytest.mark.parametrize(
    "command", [["call", "get_messages"], ["mock", "reset"], ["conformance", "http://127.0.0.1:9"]]
)
@pytest.mark.parametrize("proxy_url", [f"ftp://{KEY}@h", f"{KEY}:80", "http://", f"http://h:{KEY}", f"http://h/{KEY}"])
def test_what_is_no_proxy_is_said_without_repeating_it(command: list[str], proxy_url: str) -> None:
    # `refused` itself looks for the key in the output.
    assert "--proxy: give scheme, host and port" in refused(*command, "--proxy", proxy_url)


def test_this_machine_is_another_one_for_a_proxy_elsewhere() -> None:
    error = refused("conformance", "http://127.0.0.1:9", "--proxy", "http://proxy.example:3128")
    assert "proxy: for a proxy on another machine this address is that machine" in error


def test_certificates_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file.pem")
    for command in (["call", "get_messages"], ["mock", "reset"], ["conformance", "https://server.example"]):
        for options in ([], ["--proxy", "http://127.0.0.1:9"]):
            error = refused(*command, *options, url="https://server.example")
            assert "SSL_CERT_FILE: the certificates cannot be read: No such file or directory" in error
