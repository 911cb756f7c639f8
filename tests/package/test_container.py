"""The container of the mock, as far as it can be looked at where none is built."""

import re
from pathlib import Path
from typing import Final

import httpx2

from mavibot_mock import Server

PROJECT: Final = Path(__file__).parents[2]


def test_the_health_check_asks_for_what_the_mock_serves() -> None:
    text = (PROJECT / "Containerfile").read_text(encoding="utf-8")
    [path] = re.findall(r"urlopen\('http://127\.0\.0\.1:8080(/[^']*)'", text)
    with Server() as server:
        assert httpx2.get(f"{server.url}{path}", trust_env=False).status_code == httpx2.codes.OK
