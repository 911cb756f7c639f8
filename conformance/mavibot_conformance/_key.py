"""Keeps the API key out of everything that schemathesis records.

Schemathesis sees an address with a placeholder. The key takes its place in the copy of the request that goes to the
socket, so that no report, log line or reproduction command can hold it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

import requests
from requests.adapters import HTTPAdapter

#: Stands for the API key in every address that can be seen.
KEY_PLACEHOLDER: Final = "API_KEY"


@contextmanager
def key_at_the_socket(key: str) -> Iterator[None]:
    """Put the key into requests on their way out, while the block runs."""
    original = HTTPAdapter.send

    def send(self: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        outgoing = request.copy()
        outgoing.url = (request.url or "").replace(f"/api/{KEY_PLACEHOLDER}/", f"/api/{key}/", 1)
        response = original(self, outgoing, *args, **kwargs)
        response.request = request
        response.url = request.url or ""
        return response

    with patch.object(HTTPAdapter, "send", send):
        yield
