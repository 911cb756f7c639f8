from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.assign_to_user_parameters import AssignToUserParameters
from ...models.client_not_found import ClientNotFound
from ...models.failure import Failure
from ...models.status_reply import StatusReply
from ...types import Response


def _get_kwargs(
    *,
    body: AssignToUserParameters,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/assign_to_user",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ClientNotFound | Failure | StatusReply:
    if response.status_code == 200:
        response_200 = StatusReply.from_dict(response.json())

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
) -> Response[ClientNotFound | Failure | StatusReply]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: AssignToUserParameters,
) -> Response[ClientNotFound | Failure | StatusReply]:
    """Assign a client to an employee

     Assigns the client to the employee with this address, whatever the employee's status. Without an
    address the platform chooses an employee by its own algorithm, one who is on shift.

    Args:
        body (AssignToUserParameters):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientNotFound | Failure | StatusReply]
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
    body: AssignToUserParameters,
) -> ClientNotFound | Failure | StatusReply | None:
    """Assign a client to an employee

     Assigns the client to the employee with this address, whatever the employee's status. Without an
    address the platform chooses an employee by its own algorithm, one who is on shift.

    Args:
        body (AssignToUserParameters):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientNotFound | Failure | StatusReply
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: AssignToUserParameters,
) -> Response[ClientNotFound | Failure | StatusReply]:
    """Assign a client to an employee

     Assigns the client to the employee with this address, whatever the employee's status. Without an
    address the platform chooses an employee by its own algorithm, one who is on shift.

    Args:
        body (AssignToUserParameters):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientNotFound | Failure | StatusReply]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: AssignToUserParameters,
) -> ClientNotFound | Failure | StatusReply | None:
    """Assign a client to an employee

     Assigns the client to the employee with this address, whatever the employee's status. Without an
    address the platform chooses an employee by its own algorithm, one who is on shift.

    Args:
        body (AssignToUserParameters):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientNotFound | Failure | StatusReply
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
