from typing import Any

import httpx2

from ...models.callbacks_sent import CallbacksSent


def _parse_response(*, client: None, response: httpx2.Response) -> Any:
    response_200 = CallbacksSent.from_dict(response.json())

    return response_200
