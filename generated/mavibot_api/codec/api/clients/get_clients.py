from typing import Any

import httpx2

from ...models.clients_reply import ClientsReply


def _parse_response(*, client: None, response: httpx2.Response) -> Any:
    response_200 = ClientsReply.from_dict(response.json())

    return response_200
