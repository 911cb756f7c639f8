from typing import Any

import httpx2

from ...models.client_id_reply import ClientIdReply


def _parse_response(*, client: None, response: httpx2.Response) -> Any:
    response_200 = ClientIdReply.from_dict(response.json())

    return response_200
