from typing import Any

import httpx2

from ...models.acknowledgement import Acknowledgement
from ...models.failure import Failure


def _parse_response(*, client: None, response: httpx2.Response) -> Any:
    def _parse_response_200(data: object) -> Acknowledgement | Failure:
        try:
            if not isinstance(data, dict):
                raise TypeError()
            response_200_type_0 = Acknowledgement.from_dict(data)

            return response_200_type_0
        except (TypeError, ValueError, AttributeError, KeyError):
            pass
        if not isinstance(data, dict):
            raise TypeError()
        response_200_type_1 = Failure.from_dict(data)

        return response_200_type_1

    response_200 = _parse_response_200(response.json())

    return response_200
