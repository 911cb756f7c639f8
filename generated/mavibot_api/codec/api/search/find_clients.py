from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.client_ids_reply import ClientIdsReply
from ...models.failure import Failure
from ...models.find_clients_parameters import FindClientsParameters
from ...types import Response


def _get_kwargs(
    *,
    body: FindClientsParameters,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/find_clients",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ClientIdsReply | Failure | Failure:
    if response.status_code == 200:

        def _parse_response_200(data: object) -> ClientIdsReply | Failure:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_200_type_0 = ClientIdsReply.from_dict(data)

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

    if response.status_code == 429:
        response_429 = Failure.from_dict(response.json())

        return response_429

    response_default = Failure.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ClientIdsReply | Failure | Failure]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: FindClientsParameters,
) -> Response[ClientIdsReply | Failure | Failure]:
    """Search clients by conditions on their variables

     Finds clients whose variables meet the conditions, by default those of the client and all conditions
    together. A comparison with a number works only if every client has a number in that variable; one
    string makes the call fail.

    Args:
        body (FindClientsParameters):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientIdsReply | Failure | Failure]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    body: FindClientsParameters,
) -> ClientIdsReply | Failure | Failure | None:
    """Search clients by conditions on their variables

     Finds clients whose variables meet the conditions, by default those of the client and all conditions
    together. A comparison with a number works only if every client has a number in that variable; one
    string makes the call fail.

    Args:
        body (FindClientsParameters):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientIdsReply | Failure | Failure
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: FindClientsParameters,
) -> Response[ClientIdsReply | Failure | Failure]:
    """Search clients by conditions on their variables

     Finds clients whose variables meet the conditions, by default those of the client and all conditions
    together. A comparison with a number works only if every client has a number in that variable; one
    string makes the call fail.

    Args:
        body (FindClientsParameters):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientIdsReply | Failure | Failure]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: FindClientsParameters,
) -> ClientIdsReply | Failure | Failure | None:
    """Search clients by conditions on their variables

     Finds clients whose variables meet the conditions, by default those of the client and all conditions
    together. A comparison with a number works only if every client has a number in that variable; one
    string makes the call fail.

    Args:
        body (FindClientsParameters):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientIdsReply | Failure | Failure
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
