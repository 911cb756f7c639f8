from typing import Any

import httpx2

from ...models.load_clients_reply import LoadClientsReply


def _parse_response(*, client: None, response: httpx2.Response) -> Any:
    response_200 = LoadClientsReply.from_dict(response.json())

    return response_200
