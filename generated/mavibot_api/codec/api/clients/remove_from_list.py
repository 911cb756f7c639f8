from typing import Any

import httpx2

from ...models.status_reply import StatusReply


def _parse_response(*, client: None, response: httpx2.Response) -> Any:
    response_200 = StatusReply.from_dict(response.json())

    return response_200
