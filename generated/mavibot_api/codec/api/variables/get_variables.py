from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.client_not_found import ClientNotFound
from ...models.failure import Failure
from ...models.variables import Variables
from ...types import UNSET, Response


def _get_kwargs(
    *,
    client_id: int | str,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_client_id: int | str
    json_client_id = client_id
    params["client_id"] = json_client_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/get_variables",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ClientNotFound | Failure | Failure | Variables:
    if response.status_code == 200:

        def _parse_response_200(data: object) -> Failure | Variables:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_200_type_0 = Variables.from_dict(data)

                return response_200_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_200_type_1 = Failure.from_dict(data)

            return response_200_type_1

        response_200 = _parse_response_200(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Failure.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Failure.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Failure.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = ClientNotFound.from_dict(response.json())

        return response_404

    if response.status_code == 429:
        response_429 = Failure.from_dict(response.json())

        return response_429

    response_default = Failure.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ClientNotFound | Failure | Failure | Variables]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    client_id: int | str,
) -> Response[ClientNotFound | Failure | Failure | Variables]:
    """Read the variables of a client

     Returns the variables of the client and of its current deal together in one flat object, without the
    prefix `client.`, and the platform's own values beside them. Unset values can be the words "None",
    "NONE", "null" or "undefined".

    Args:
        client_id (int | str): Number of the client in the builder, as a number or as a string of
            digits. It is not the client's id in the messenger.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientNotFound | Failure | Failure | Variables]
    """

    kwargs = _get_kwargs(
        client_id=client_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    client_id: int | str,
) -> ClientNotFound | Failure | Failure | Variables | None:
    """Read the variables of a client

     Returns the variables of the client and of its current deal together in one flat object, without the
    prefix `client.`, and the platform's own values beside them. Unset values can be the words "None",
    "NONE", "null" or "undefined".

    Args:
        client_id (int | str): Number of the client in the builder, as a number or as a string of
            digits. It is not the client's id in the messenger.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientNotFound | Failure | Failure | Variables
    """

    return sync_detailed(
        client=client,
        client_id=client_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    client_id: int | str,
) -> Response[ClientNotFound | Failure | Failure | Variables]:
    """Read the variables of a client

     Returns the variables of the client and of its current deal together in one flat object, without the
    prefix `client.`, and the platform's own values beside them. Unset values can be the words "None",
    "NONE", "null" or "undefined".

    Args:
        client_id (int | str): Number of the client in the builder, as a number or as a string of
            digits. It is not the client's id in the messenger.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientNotFound | Failure | Failure | Variables]
    """

    kwargs = _get_kwargs(
        client_id=client_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    client_id: int | str,
) -> ClientNotFound | Failure | Failure | Variables | None:
    """Read the variables of a client

     Returns the variables of the client and of its current deal together in one flat object, without the
    prefix `client.`, and the platform's own values beside them. Unset values can be the words "None",
    "NONE", "null" or "undefined".

    Args:
        client_id (int | str): Number of the client in the builder, as a number or as a string of
            digits. It is not the client's id in the messenger.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientNotFound | Failure | Failure | Variables
    """

    return (
        await asyncio_detailed(
            client=client,
            client_id=client_id,
        )
    ).parsed
