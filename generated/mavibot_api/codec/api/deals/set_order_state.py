from typing import Any

import httpx2

from ...models.client_not_found import ClientNotFound
from ...models.order_not_found import OrderNotFound
from ...models.status_reply import StatusReply


def _parse_response(*, client: None, response: httpx2.Response) -> Any:
    def _parse_response_200(data: object) -> ClientNotFound | OrderNotFound | StatusReply:
        try:
            if not isinstance(data, dict):
                raise TypeError()
            response_200_type_0 = StatusReply.from_dict(data)

            return response_200_type_0
        except (TypeError, ValueError, AttributeError, KeyError):
            pass
        try:
            if not isinstance(data, dict):
                raise TypeError()
            response_200_type_1 = ClientNotFound.from_dict(data)

            return response_200_type_1
        except (TypeError, ValueError, AttributeError, KeyError):
            pass
        if not isinstance(data, dict):
            raise TypeError()
        response_200_type_2 = OrderNotFound.from_dict(data)

        return response_200_type_2

    response_200 = _parse_response_200(response.json())

    return response_200
