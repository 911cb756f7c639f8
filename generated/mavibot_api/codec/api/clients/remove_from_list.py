from typing import Any

import httpx

from ...models.status_reply import StatusReply


def _parse_response(*, client: None, response: httpx.Response) -> Any:
    response_200 = StatusReply.from_dict(response.json())

    return response_200
