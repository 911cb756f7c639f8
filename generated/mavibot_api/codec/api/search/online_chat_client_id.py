from typing import Any

import httpx

from ...models.client_id_reply import ClientIdReply


def _parse_response(*, client: None, response: httpx.Response) -> Any:
    response_200 = ClientIdReply.from_dict(response.json())

    return response_200
