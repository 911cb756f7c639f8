from typing import Any

import httpx

from ...models.load_clients_reply import LoadClientsReply


def _parse_response(*, client: None, response: httpx.Response) -> Any:
    response_200 = LoadClientsReply.from_dict(response.json())

    return response_200
