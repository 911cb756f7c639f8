from typing import Any

import httpx

from ...models.client_ids_reply import ClientIdsReply


def _parse_response(*, client: None, response: httpx.Response) -> Any:
    response_200 = ClientIdsReply.from_dict(response.json())

    return response_200
