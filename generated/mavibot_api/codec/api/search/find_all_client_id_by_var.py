from typing import Any

import httpx2

from ...models.client_ids_reply import ClientIdsReply


def _parse_response(*, client: None, response: httpx2.Response) -> Any:
    response_200 = ClientIdsReply.from_dict(response.json())

    return response_200
