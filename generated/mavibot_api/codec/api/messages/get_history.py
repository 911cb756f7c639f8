from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.client_not_found import ClientNotFound
from ...models.failure import Failure
from ...models.history_reply import HistoryReply
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    client_id: int | str,
    limit: int | Unset = 2000,
    start_date: str | Unset = UNSET,
    stop_date: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_client_id: int | str
    json_client_id = client_id
    params["client_id"] = json_client_id

    params["limit"] = limit

    params["start_date"] = start_date

    params["stop_date"] = stop_date

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/get_history",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ClientNotFound | Failure | Failure | HistoryReply:
    if response.status_code == 200:

        def _parse_response_200(data: object) -> Failure | HistoryReply:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_200_history_reply = HistoryReply.from_dict(data)

                return response_200_history_reply
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
) -> Response[ClientNotFound | Failure | Failure | HistoryReply]:
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
    limit: int | Unset = 2000,
    start_date: str | Unset = UNSET,
    stop_date: str | Unset = UNSET,
) -> Response[ClientNotFound | Failure | Failure | HistoryReply]:
    """Read the message history of a client

     The newest message comes first.

    Args:
        client_id (int | str): Number of the client in the builder, as a number or as a string of
            digits. It is not the client's id in the messenger.
        limit (int | Unset):  Default: 2000.
        start_date (str | Unset): A day, `dd.mm.yyyy`, in the project's time zone.
        stop_date (str | Unset): A day, `dd.mm.yyyy`, in the project's time zone.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientNotFound | Failure | Failure | HistoryReply]
    """

    kwargs = _get_kwargs(
        client_id=client_id,
        limit=limit,
        start_date=start_date,
        stop_date=stop_date,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    client_id: int | str,
    limit: int | Unset = 2000,
    start_date: str | Unset = UNSET,
    stop_date: str | Unset = UNSET,
) -> ClientNotFound | Failure | Failure | HistoryReply | None:
    """Read the message history of a client

     The newest message comes first.

    Args:
        client_id (int | str): Number of the client in the builder, as a number or as a string of
            digits. It is not the client's id in the messenger.
        limit (int | Unset):  Default: 2000.
        start_date (str | Unset): A day, `dd.mm.yyyy`, in the project's time zone.
        stop_date (str | Unset): A day, `dd.mm.yyyy`, in the project's time zone.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientNotFound | Failure | Failure | HistoryReply
    """

    return sync_detailed(
        client=client,
        client_id=client_id,
        limit=limit,
        start_date=start_date,
        stop_date=stop_date,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    client_id: int | str,
    limit: int | Unset = 2000,
    start_date: str | Unset = UNSET,
    stop_date: str | Unset = UNSET,
) -> Response[ClientNotFound | Failure | Failure | HistoryReply]:
    """Read the message history of a client

     The newest message comes first.

    Args:
        client_id (int | str): Number of the client in the builder, as a number or as a string of
            digits. It is not the client's id in the messenger.
        limit (int | Unset):  Default: 2000.
        start_date (str | Unset): A day, `dd.mm.yyyy`, in the project's time zone.
        stop_date (str | Unset): A day, `dd.mm.yyyy`, in the project's time zone.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientNotFound | Failure | Failure | HistoryReply]
    """

    kwargs = _get_kwargs(
        client_id=client_id,
        limit=limit,
        start_date=start_date,
        stop_date=stop_date,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    client_id: int | str,
    limit: int | Unset = 2000,
    start_date: str | Unset = UNSET,
    stop_date: str | Unset = UNSET,
) -> ClientNotFound | Failure | Failure | HistoryReply | None:
    """Read the message history of a client

     The newest message comes first.

    Args:
        client_id (int | str): Number of the client in the builder, as a number or as a string of
            digits. It is not the client's id in the messenger.
        limit (int | Unset):  Default: 2000.
        start_date (str | Unset): A day, `dd.mm.yyyy`, in the project's time zone.
        stop_date (str | Unset): A day, `dd.mm.yyyy`, in the project's time zone.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientNotFound | Failure | Failure | HistoryReply
    """

    return (
        await asyncio_detailed(
            client=client,
            client_id=client_id,
            limit=limit,
            start_date=start_date,
            stop_date=stop_date,
        )
    ).parsed
