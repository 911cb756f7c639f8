from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.acknowledgement import Acknowledgement
from ...models.client_not_found import ClientNotFound
from ...models.failure import Failure
from ...models.variables import Variables
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    client_id: int | str | Unset = UNSET,
    client_phone: int | str | Unset = UNSET,
    client_email: str | Unset = UNSET,
    message: str,
    resume_bot: bool | Unset = UNSET,
    time_shift: float | Unset = UNSET,
    send_time: str | Unset = UNSET,
    variables: Variables | Unset = UNSET,
    value_client_id: str | Unset = UNSET,
    value_phone: str | Unset = UNSET,
    value_email: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_client_id: int | str | Unset
    if isinstance(client_id, Unset):
        json_client_id = UNSET
    else:
        json_client_id = client_id
    params["client_id"] = json_client_id

    json_client_phone: int | str | Unset
    if isinstance(client_phone, Unset):
        json_client_phone = UNSET
    else:
        json_client_phone = client_phone
    params["client_phone"] = json_client_phone

    params["client_email"] = client_email

    params["message"] = message

    params["resume_bot"] = resume_bot

    params["time_shift"] = time_shift

    params["send_time"] = send_time

    json_variables: dict[str, Any] | Unset = UNSET
    if not isinstance(variables, Unset):
        json_variables = variables.to_dict()
    if not isinstance(json_variables, Unset):
        params.update(json_variables)

    params["value_client_id"] = value_client_id

    params["value_phone"] = value_phone

    params["value_email"] = value_email

    params["value_message"] = value_message

    params["delimiter"] = delimiter

    params["delimiter_value_client_id"] = delimiter_value_client_id

    params["delimiter_value_phone"] = delimiter_value_phone

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/callback",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Acknowledgement | Failure | ClientNotFound | Failure:
    if response.status_code == 200:

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
) -> Response[Acknowledgement | Failure | ClientNotFound | Failure]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    client_id: int | str | Unset = UNSET,
    client_phone: int | str | Unset = UNSET,
    client_email: str | Unset = UNSET,
    message: str,
    resume_bot: bool | Unset = UNSET,
    time_shift: float | Unset = UNSET,
    send_time: str | Unset = UNSET,
    variables: Variables | Unset = UNSET,
    value_client_id: str | Unset = UNSET,
    value_phone: str | Unset = UNSET,
    value_email: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> Response[Acknowledgement | Failure | ClientNotFound | Failure]:
    """Start the bot for a client, or report an event to it (by GET)

     Sends a text to the bot as if the client had written it; the client does not see the text. Use it to
    start a funnel or to report what happened elsewhere, such as a payment. Every further parameter is
    saved as a variable of the client's current deal, or of the client where its name begins with
    `client.`.

    Args:
        client_id (int | str | Unset): Number of the client in the builder, as a number or as a
            string of digits. It is not the client's id in the messenger.
        client_phone (int | str | Unset): Phone number in any notation, as a string or a number.
        client_email (str | Unset): E-mail address.
        message (str): Text of the callback. The bot's flow reacts to it; the client does not see
            it.
        resume_bot (bool | Unset): Resumes the bot if it is paused for this client.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes
            precedence over `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD
            HH:MM:SS` in the project's time zone (GMT+3 unless the project sets another). Ignored
            where `time_shift` is given.
        variables (Variables | Unset): Variables by name. A plain name is a variable of the
            client's current deal, `client.` before it makes it a variable of the client, `project.`
            one of the project.
        value_client_id (str | Unset):
        value_phone (str | Unset):
        value_email (str | Unset):
        value_message (str | Unset):
        delimiter (str | Unset):
        delimiter_value_client_id (str | Unset):
        delimiter_value_phone (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Acknowledgement | Failure | ClientNotFound | Failure]
    """

    kwargs = _get_kwargs(
        client_id=client_id,
        client_phone=client_phone,
        client_email=client_email,
        message=message,
        resume_bot=resume_bot,
        time_shift=time_shift,
        send_time=send_time,
        variables=variables,
        value_client_id=value_client_id,
        value_phone=value_phone,
        value_email=value_email,
        value_message=value_message,
        delimiter=delimiter,
        delimiter_value_client_id=delimiter_value_client_id,
        delimiter_value_phone=delimiter_value_phone,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    client_id: int | str | Unset = UNSET,
    client_phone: int | str | Unset = UNSET,
    client_email: str | Unset = UNSET,
    message: str,
    resume_bot: bool | Unset = UNSET,
    time_shift: float | Unset = UNSET,
    send_time: str | Unset = UNSET,
    variables: Variables | Unset = UNSET,
    value_client_id: str | Unset = UNSET,
    value_phone: str | Unset = UNSET,
    value_email: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> Acknowledgement | Failure | ClientNotFound | Failure | None:
    """Start the bot for a client, or report an event to it (by GET)

     Sends a text to the bot as if the client had written it; the client does not see the text. Use it to
    start a funnel or to report what happened elsewhere, such as a payment. Every further parameter is
    saved as a variable of the client's current deal, or of the client where its name begins with
    `client.`.

    Args:
        client_id (int | str | Unset): Number of the client in the builder, as a number or as a
            string of digits. It is not the client's id in the messenger.
        client_phone (int | str | Unset): Phone number in any notation, as a string or a number.
        client_email (str | Unset): E-mail address.
        message (str): Text of the callback. The bot's flow reacts to it; the client does not see
            it.
        resume_bot (bool | Unset): Resumes the bot if it is paused for this client.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes
            precedence over `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD
            HH:MM:SS` in the project's time zone (GMT+3 unless the project sets another). Ignored
            where `time_shift` is given.
        variables (Variables | Unset): Variables by name. A plain name is a variable of the
            client's current deal, `client.` before it makes it a variable of the client, `project.`
            one of the project.
        value_client_id (str | Unset):
        value_phone (str | Unset):
        value_email (str | Unset):
        value_message (str | Unset):
        delimiter (str | Unset):
        delimiter_value_client_id (str | Unset):
        delimiter_value_phone (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Acknowledgement | Failure | ClientNotFound | Failure
    """

    return sync_detailed(
        client=client,
        client_id=client_id,
        client_phone=client_phone,
        client_email=client_email,
        message=message,
        resume_bot=resume_bot,
        time_shift=time_shift,
        send_time=send_time,
        variables=variables,
        value_client_id=value_client_id,
        value_phone=value_phone,
        value_email=value_email,
        value_message=value_message,
        delimiter=delimiter,
        delimiter_value_client_id=delimiter_value_client_id,
        delimiter_value_phone=delimiter_value_phone,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    client_id: int | str | Unset = UNSET,
    client_phone: int | str | Unset = UNSET,
    client_email: str | Unset = UNSET,
    message: str,
    resume_bot: bool | Unset = UNSET,
    time_shift: float | Unset = UNSET,
    send_time: str | Unset = UNSET,
    variables: Variables | Unset = UNSET,
    value_client_id: str | Unset = UNSET,
    value_phone: str | Unset = UNSET,
    value_email: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> Response[Acknowledgement | Failure | ClientNotFound | Failure]:
    """Start the bot for a client, or report an event to it (by GET)

     Sends a text to the bot as if the client had written it; the client does not see the text. Use it to
    start a funnel or to report what happened elsewhere, such as a payment. Every further parameter is
    saved as a variable of the client's current deal, or of the client where its name begins with
    `client.`.

    Args:
        client_id (int | str | Unset): Number of the client in the builder, as a number or as a
            string of digits. It is not the client's id in the messenger.
        client_phone (int | str | Unset): Phone number in any notation, as a string or a number.
        client_email (str | Unset): E-mail address.
        message (str): Text of the callback. The bot's flow reacts to it; the client does not see
            it.
        resume_bot (bool | Unset): Resumes the bot if it is paused for this client.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes
            precedence over `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD
            HH:MM:SS` in the project's time zone (GMT+3 unless the project sets another). Ignored
            where `time_shift` is given.
        variables (Variables | Unset): Variables by name. A plain name is a variable of the
            client's current deal, `client.` before it makes it a variable of the client, `project.`
            one of the project.
        value_client_id (str | Unset):
        value_phone (str | Unset):
        value_email (str | Unset):
        value_message (str | Unset):
        delimiter (str | Unset):
        delimiter_value_client_id (str | Unset):
        delimiter_value_phone (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Acknowledgement | Failure | ClientNotFound | Failure]
    """

    kwargs = _get_kwargs(
        client_id=client_id,
        client_phone=client_phone,
        client_email=client_email,
        message=message,
        resume_bot=resume_bot,
        time_shift=time_shift,
        send_time=send_time,
        variables=variables,
        value_client_id=value_client_id,
        value_phone=value_phone,
        value_email=value_email,
        value_message=value_message,
        delimiter=delimiter,
        delimiter_value_client_id=delimiter_value_client_id,
        delimiter_value_phone=delimiter_value_phone,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    client_id: int | str | Unset = UNSET,
    client_phone: int | str | Unset = UNSET,
    client_email: str | Unset = UNSET,
    message: str,
    resume_bot: bool | Unset = UNSET,
    time_shift: float | Unset = UNSET,
    send_time: str | Unset = UNSET,
    variables: Variables | Unset = UNSET,
    value_client_id: str | Unset = UNSET,
    value_phone: str | Unset = UNSET,
    value_email: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> Acknowledgement | Failure | ClientNotFound | Failure | None:
    """Start the bot for a client, or report an event to it (by GET)

     Sends a text to the bot as if the client had written it; the client does not see the text. Use it to
    start a funnel or to report what happened elsewhere, such as a payment. Every further parameter is
    saved as a variable of the client's current deal, or of the client where its name begins with
    `client.`.

    Args:
        client_id (int | str | Unset): Number of the client in the builder, as a number or as a
            string of digits. It is not the client's id in the messenger.
        client_phone (int | str | Unset): Phone number in any notation, as a string or a number.
        client_email (str | Unset): E-mail address.
        message (str): Text of the callback. The bot's flow reacts to it; the client does not see
            it.
        resume_bot (bool | Unset): Resumes the bot if it is paused for this client.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes
            precedence over `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD
            HH:MM:SS` in the project's time zone (GMT+3 unless the project sets another). Ignored
            where `time_shift` is given.
        variables (Variables | Unset): Variables by name. A plain name is a variable of the
            client's current deal, `client.` before it makes it a variable of the client, `project.`
            one of the project.
        value_client_id (str | Unset):
        value_phone (str | Unset):
        value_email (str | Unset):
        value_message (str | Unset):
        delimiter (str | Unset):
        delimiter_value_client_id (str | Unset):
        delimiter_value_phone (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Acknowledgement | Failure | ClientNotFound | Failure
    """

    return (
        await asyncio_detailed(
            client=client,
            client_id=client_id,
            client_phone=client_phone,
            client_email=client_email,
            message=message,
            resume_bot=resume_bot,
            time_shift=time_shift,
            send_time=send_time,
            variables=variables,
            value_client_id=value_client_id,
            value_phone=value_phone,
            value_email=value_email,
            value_message=value_message,
            delimiter=delimiter,
            delimiter_value_client_id=delimiter_value_client_id,
            delimiter_value_phone=delimiter_value_phone,
        )
    ).parsed
