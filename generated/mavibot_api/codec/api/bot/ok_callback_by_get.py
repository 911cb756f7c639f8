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
    name: str | Unset = UNSET,
    message: str,
    user_id: int | str,
    group_id: int | str,
    resume_bot: bool | Unset = UNSET,
    time_shift: float | Unset = UNSET,
    send_time: str | Unset = UNSET,
    variables: Variables | Unset = UNSET,
    value_user_id: str | Unset = UNSET,
    value_group_id: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["name"] = name

    params["message"] = message

    json_user_id: int | str
    json_user_id = user_id
    params["user_id"] = json_user_id

    json_group_id: int | str
    json_group_id = group_id
    params["group_id"] = json_group_id

    params["resume_bot"] = resume_bot

    params["time_shift"] = time_shift

    params["send_time"] = send_time

    json_variables: dict[str, Any] | Unset = UNSET
    if not isinstance(variables, Unset):
        json_variables = variables.to_dict()
    if not isinstance(json_variables, Unset):
        params.update(json_variables)

    params["value_user_id"] = value_user_id

    params["value_group_id"] = value_group_id

    params["value_message"] = value_message

    params["delimiter"] = delimiter

    params["delimiter_value_client_id"] = delimiter_value_client_id

    params["delimiter_value_phone"] = delimiter_value_phone

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/ok_callback",
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
    name: str | Unset = UNSET,
    message: str,
    user_id: int | str,
    group_id: int | str,
    resume_bot: bool | Unset = UNSET,
    time_shift: float | Unset = UNSET,
    send_time: str | Unset = UNSET,
    variables: Variables | Unset = UNSET,
    value_user_id: str | Unset = UNSET,
    value_group_id: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> Response[Acknowledgement | Failure | ClientNotFound | Failure]:
    """Start the bot for an Odnoklassniki user (by GET)

     Starts the bot of the Odnoklassniki group `group_id` for a user. The client does not see the text.
    Every further parameter is saved as a variable.

    Args:
        name (str | Unset): The client's name.
        message (str): Text of the callback. The bot's flow reacts to it; the client does not see
            it.
        user_id (int | str): The client's id in the messenger, such as a Telegram user id, a
            WhatsApp number (with or without `@s.whatsapp.net`) or an e-mail address.
        group_id (int | str): Bot, group or channel inside a messenger, as the field `group_id` of
            connected_channels gives it; a number or a string, depending on the messenger.
        resume_bot (bool | Unset): Resumes the bot if it is paused for this client.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes
            precedence over `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD
            HH:MM:SS` in the project's time zone (GMT+3 unless the project sets another). Ignored
            where `time_shift` is given.
        variables (Variables | Unset): Variables by name. A plain name is a variable of the
            client's current deal, `client.` before it makes it a variable of the client, `project.`
            one of the project.
        value_user_id (str | Unset):
        value_group_id (str | Unset):
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
        name=name,
        message=message,
        user_id=user_id,
        group_id=group_id,
        resume_bot=resume_bot,
        time_shift=time_shift,
        send_time=send_time,
        variables=variables,
        value_user_id=value_user_id,
        value_group_id=value_group_id,
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
    name: str | Unset = UNSET,
    message: str,
    user_id: int | str,
    group_id: int | str,
    resume_bot: bool | Unset = UNSET,
    time_shift: float | Unset = UNSET,
    send_time: str | Unset = UNSET,
    variables: Variables | Unset = UNSET,
    value_user_id: str | Unset = UNSET,
    value_group_id: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> Acknowledgement | Failure | ClientNotFound | Failure | None:
    """Start the bot for an Odnoklassniki user (by GET)

     Starts the bot of the Odnoklassniki group `group_id` for a user. The client does not see the text.
    Every further parameter is saved as a variable.

    Args:
        name (str | Unset): The client's name.
        message (str): Text of the callback. The bot's flow reacts to it; the client does not see
            it.
        user_id (int | str): The client's id in the messenger, such as a Telegram user id, a
            WhatsApp number (with or without `@s.whatsapp.net`) or an e-mail address.
        group_id (int | str): Bot, group or channel inside a messenger, as the field `group_id` of
            connected_channels gives it; a number or a string, depending on the messenger.
        resume_bot (bool | Unset): Resumes the bot if it is paused for this client.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes
            precedence over `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD
            HH:MM:SS` in the project's time zone (GMT+3 unless the project sets another). Ignored
            where `time_shift` is given.
        variables (Variables | Unset): Variables by name. A plain name is a variable of the
            client's current deal, `client.` before it makes it a variable of the client, `project.`
            one of the project.
        value_user_id (str | Unset):
        value_group_id (str | Unset):
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
        name=name,
        message=message,
        user_id=user_id,
        group_id=group_id,
        resume_bot=resume_bot,
        time_shift=time_shift,
        send_time=send_time,
        variables=variables,
        value_user_id=value_user_id,
        value_group_id=value_group_id,
        value_message=value_message,
        delimiter=delimiter,
        delimiter_value_client_id=delimiter_value_client_id,
        delimiter_value_phone=delimiter_value_phone,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    name: str | Unset = UNSET,
    message: str,
    user_id: int | str,
    group_id: int | str,
    resume_bot: bool | Unset = UNSET,
    time_shift: float | Unset = UNSET,
    send_time: str | Unset = UNSET,
    variables: Variables | Unset = UNSET,
    value_user_id: str | Unset = UNSET,
    value_group_id: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> Response[Acknowledgement | Failure | ClientNotFound | Failure]:
    """Start the bot for an Odnoklassniki user (by GET)

     Starts the bot of the Odnoklassniki group `group_id` for a user. The client does not see the text.
    Every further parameter is saved as a variable.

    Args:
        name (str | Unset): The client's name.
        message (str): Text of the callback. The bot's flow reacts to it; the client does not see
            it.
        user_id (int | str): The client's id in the messenger, such as a Telegram user id, a
            WhatsApp number (with or without `@s.whatsapp.net`) or an e-mail address.
        group_id (int | str): Bot, group or channel inside a messenger, as the field `group_id` of
            connected_channels gives it; a number or a string, depending on the messenger.
        resume_bot (bool | Unset): Resumes the bot if it is paused for this client.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes
            precedence over `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD
            HH:MM:SS` in the project's time zone (GMT+3 unless the project sets another). Ignored
            where `time_shift` is given.
        variables (Variables | Unset): Variables by name. A plain name is a variable of the
            client's current deal, `client.` before it makes it a variable of the client, `project.`
            one of the project.
        value_user_id (str | Unset):
        value_group_id (str | Unset):
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
        name=name,
        message=message,
        user_id=user_id,
        group_id=group_id,
        resume_bot=resume_bot,
        time_shift=time_shift,
        send_time=send_time,
        variables=variables,
        value_user_id=value_user_id,
        value_group_id=value_group_id,
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
    name: str | Unset = UNSET,
    message: str,
    user_id: int | str,
    group_id: int | str,
    resume_bot: bool | Unset = UNSET,
    time_shift: float | Unset = UNSET,
    send_time: str | Unset = UNSET,
    variables: Variables | Unset = UNSET,
    value_user_id: str | Unset = UNSET,
    value_group_id: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> Acknowledgement | Failure | ClientNotFound | Failure | None:
    """Start the bot for an Odnoklassniki user (by GET)

     Starts the bot of the Odnoklassniki group `group_id` for a user. The client does not see the text.
    Every further parameter is saved as a variable.

    Args:
        name (str | Unset): The client's name.
        message (str): Text of the callback. The bot's flow reacts to it; the client does not see
            it.
        user_id (int | str): The client's id in the messenger, such as a Telegram user id, a
            WhatsApp number (with or without `@s.whatsapp.net`) or an e-mail address.
        group_id (int | str): Bot, group or channel inside a messenger, as the field `group_id` of
            connected_channels gives it; a number or a string, depending on the messenger.
        resume_bot (bool | Unset): Resumes the bot if it is paused for this client.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes
            precedence over `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD
            HH:MM:SS` in the project's time zone (GMT+3 unless the project sets another). Ignored
            where `time_shift` is given.
        variables (Variables | Unset): Variables by name. A plain name is a variable of the
            client's current deal, `client.` before it makes it a variable of the client, `project.`
            one of the project.
        value_user_id (str | Unset):
        value_group_id (str | Unset):
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
            name=name,
            message=message,
            user_id=user_id,
            group_id=group_id,
            resume_bot=resume_bot,
            time_shift=time_shift,
            send_time=send_time,
            variables=variables,
            value_user_id=value_user_id,
            value_group_id=value_group_id,
            value_message=value_message,
            delimiter=delimiter,
            delimiter_value_client_id=delimiter_value_client_id,
            delimiter_value_phone=delimiter_value_phone,
        )
    ).parsed
