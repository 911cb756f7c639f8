from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.client_ids_reply import ClientIdsReply
from ...models.failure import Failure
from ...types import UNSET, Response


def _get_kwargs(
    *,
    var: str,
    val: float | str,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["var"] = var

    json_val: float | str
    json_val = val
    params["val"] = json_val

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/find_all_client_id_by_var",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ClientIdsReply | Failure:
    if response.status_code == 200:
        response_200 = ClientIdsReply.from_dict(response.json())

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
) -> Response[ClientIdsReply | Failure]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    var: str,
    val: float | str,
) -> Response[ClientIdsReply | Failure]:
    """Find all clients by the value of a variable

     Returns every client whose variable has the value.

    Args:
        var (str):
        val (float | str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientIdsReply | Failure]
    """

    kwargs = _get_kwargs(
        var=var,
        val=val,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    var: str,
    val: float | str,
) -> ClientIdsReply | Failure | None:
    """Find all clients by the value of a variable

     Returns every client whose variable has the value.

    Args:
        var (str):
        val (float | str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientIdsReply | Failure
    """

    return sync_detailed(
        client=client,
        var=var,
        val=val,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    var: str,
    val: float | str,
) -> Response[ClientIdsReply | Failure]:
    """Find all clients by the value of a variable

     Returns every client whose variable has the value.

    Args:
        var (str):
        val (float | str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientIdsReply | Failure]
    """

    kwargs = _get_kwargs(
        var=var,
        val=val,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    var: str,
    val: float | str,
) -> ClientIdsReply | Failure | None:
    """Find all clients by the value of a variable

     Returns every client whose variable has the value.

    Args:
        var (str):
        val (float | str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientIdsReply | Failure
    """

    return (
        await asyncio_detailed(
            client=client,
            var=var,
            val=val,
        )
    ).parsed
