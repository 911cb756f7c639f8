from typing import Any

import httpx

from ...models.callbacks_sent import CallbacksSent


def _parse_response(*, client: None, response: httpx.Response) -> Any:
    response_200 = CallbacksSent.from_dict(response.json())

    return response_200
