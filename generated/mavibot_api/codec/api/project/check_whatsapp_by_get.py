from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.failure import Failure
from ...models.whats_app_check import WhatsAppCheck
from ...types import UNSET, Response


def _get_kwargs(
    *,
    phone: int | str,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_phone: int | str
    json_phone = phone
    params["phone"] = json_phone

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/check_whatsapp",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Failure | WhatsAppCheck:
    if response.status_code == 200:
        response_200 = WhatsAppCheck.from_dict(response.json())

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
) -> Response[Failure | WhatsAppCheck]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    phone: int | str,
) -> Response[Failure | WhatsAppCheck]:
    """Check whether a phone number has WhatsApp (by GET)

     Needs a WhatsApp channel that is connected to the project.

    Args:
        phone (int | str): Phone number in any notation, as a string or a number.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Failure | WhatsAppCheck]
    """

    kwargs = _get_kwargs(
        phone=phone,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    phone: int | str,
) -> Failure | WhatsAppCheck | None:
    """Check whether a phone number has WhatsApp (by GET)

     Needs a WhatsApp channel that is connected to the project.

    Args:
        phone (int | str): Phone number in any notation, as a string or a number.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Failure | WhatsAppCheck
    """

    return sync_detailed(
        client=client,
        phone=phone,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    phone: int | str,
) -> Response[Failure | WhatsAppCheck]:
    """Check whether a phone number has WhatsApp (by GET)

     Needs a WhatsApp channel that is connected to the project.

    Args:
        phone (int | str): Phone number in any notation, as a string or a number.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Failure | WhatsAppCheck]
    """

    kwargs = _get_kwargs(
        phone=phone,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    phone: int | str,
) -> Failure | WhatsAppCheck | None:
    """Check whether a phone number has WhatsApp (by GET)

     Needs a WhatsApp channel that is connected to the project.

    Args:
        phone (int | str): Phone number in any notation, as a string or a number.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Failure | WhatsAppCheck
    """

    return (
        await asyncio_detailed(
            client=client,
            phone=phone,
        )
    ).parsed
