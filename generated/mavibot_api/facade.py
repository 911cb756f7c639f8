"""Every action of the API as a method with flat keyword arguments, sync and async.

Both classes leave the sending to `_send`, which a subclass provides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datetime import date, datetime, timedelta

    from mavibot_api import models

__all__ = ["Actions", "AsyncActions"]


class Actions:
    """The actions of the API as blocking methods.

    A parameter that is `None` is not sent. Where an action saves variables, further keywords are variables too.
    """

    def _send(
        self,
        action: str,
        parameters: Mapping[str, Any],
        *,
        method: Literal["GET", "POST"] | None = None,
        variables: Mapping[str, Any] | None = None,
        more_variables: Mapping[str, Any] | None = None,
    ) -> Any:
        """Send a call and return its parsed reply."""
        raise NotImplementedError

    def callback(
        self,
        *,
        message: str,
        client_id: int | str | None = None,
        client_phone: str | int | None = None,
        client_email: str | None = None,
        resume_bot: bool | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        variables: Mapping[str, str | float | bool | None] | None = None,
        method: Literal["GET", "POST"] = "POST",
        **more_variables: Any,
    ) -> models.Acknowledgement:
        """Start the bot for a client, or report an event to it.

        Sends a text to the bot as if the client had written it; the client does not see the text. Use it to
        start a funnel or to report what happened elsewhere, such as a payment. Every further parameter is
        saved as a variable of the client's current deal, or of the client where its name begins with
        `client.`.

        Args:
            client_id: Number of the client in the builder, as a number or as a string of digits. It is not
                the client's id in the messenger.
            client_phone: Phone number by which the client is looked up.
            client_email: E-mail address by which the client is looked up.
            message: Text of the callback. The bot's flow reacts to it; the client does not see it.
            resume_bot: Resumes the bot if it is paused for this client.
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`.
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
            variables: variables to save, by name; further keywords are variables too.
            method: HTTP method; GET carries only what a query string can.

        At least one of client_id, client_phone, client_email is required.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: documented: document section 'Start the bot'.
        """
        reply: models.Acknowledgement = self._send(
            "callback",
            {
                "client_id": client_id,
                "client_phone": client_phone,
                "client_email": client_email,
                "message": message,
                "resume_bot": resume_bot,
                "time_shift": time_shift,
                "send_time": send_time,
            },
            method=method,
            variables=variables,
            more_variables=more_variables,
        )
        return reply

    def whatsapp_callback(
        self,
        *,
        message: str,
        phone: str | int,
        name: str | None = None,
        bot_id: int | str | None = None,
        resume_bot: bool | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        variables: Mapping[str, str | float | bool | None] | None = None,
        method: Literal["GET", "POST"] = "POST",
        **more_variables: Any,
    ) -> models.Acknowledgement:
        """Start the bot for a WhatsApp number.

        Starts the WhatsApp bot for a phone number, for example after a form on a website was filled in. The
        client does not see the text. Every further parameter is saved as a variable.

        Args:
            name: The client's name.
            message: Text of the callback. The bot's flow reacts to it; the client does not see it.
            phone: The client's WhatsApp number.
            bot_id: WhatsApp bot that is started.
            resume_bot: Resumes the bot if it is paused for this client.
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`.
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
            variables: variables to save, by name; further keywords are variables too.
            method: HTTP method; GET carries only what a query string can.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: documented: document section 'Starting the bot using a WhatsApp number'; public
        integration: message is needed.
        """
        reply: models.Acknowledgement = self._send(
            "whatsapp_callback",
            {
                "name": name,
                "message": message,
                "phone": phone,
                "bot_id": bot_id,
                "resume_bot": resume_bot,
                "time_shift": time_shift,
                "send_time": send_time,
            },
            method=method,
            variables=variables,
            more_variables=more_variables,
        )
        return reply

    def tg_callback(
        self,
        *,
        message: str,
        user_id: int | str,
        group_id: int | str,
        resume_bot: bool | None = None,
        tg_business: int | str | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        variables: Mapping[str, str | float | bool | None] | None = None,
        **more_variables: Any,
    ) -> models.Acknowledgement:
        """Start the bot for a Telegram user.

        Starts the Telegram bot `group_id` for a Telegram user. The client does not see the text. Every
        further parameter is saved as a variable.

        Args:
            message: Text of the callback. The bot's flow reacts to it; the client does not see it.
            user_id: Telegram's id of the user.
            group_id: Telegram's name of the bot, which ends in `bot`.
            resume_bot: Resumes the bot if it is paused for this client.
            tg_business: 1 for a client of a Telegram Business account. (field)
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`.
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
            variables: variables to save, by name; further keywords are variables too.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: documented: document section 'Starting the bot using a Telegram ID'; public integration:
        user_id, group_id and message are needed; assumption: that value_user_id and its like belong here.
        """
        reply: models.Acknowledgement = self._send(
            "tg_callback",
            {
                "message": message,
                "user_id": user_id,
                "group_id": group_id,
                "resume_bot": resume_bot,
                "tg_business": tg_business,
                "time_shift": time_shift,
                "send_time": send_time,
            },
            variables=variables,
            more_variables=more_variables,
        )
        return reply

    def vk_callback(
        self,
        *,
        message: str,
        user_id: int | str,
        group_id: int | str,
        resume_bot: bool | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        variables: Mapping[str, str | float | bool | None] | None = None,
        method: Literal["GET", "POST"] = "POST",
        **more_variables: Any,
    ) -> models.Acknowledgement:
        """Start the bot for a VKontakte user.

        Starts the bot of the VKontakte group `group_id` for a user. The client does not see the text. Every
        further parameter is saved as a variable.

        Args:
            message: Text of the callback. The bot's flow reacts to it; the client does not see it. (field)
            user_id: VKontakte's id of the user. (field)
            group_id: VKontakte's number of the group. (field)
            resume_bot: Resumes the bot if it is paused for this client. (field)
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`. (field)
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
                (field)
            variables: variables to save, by name; further keywords are variables too.
            method: HTTP method; GET carries only what a query string can.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: field: vendor's Russian document: the action, its parameters, its permission, GET,
        delimiter, and that further parameters are saved; public integration: a PHP library; assumption:
        which parameters are needed.
        """
        reply: models.Acknowledgement = self._send(
            "vk_callback",
            {
                "message": message,
                "user_id": user_id,
                "group_id": group_id,
                "resume_bot": resume_bot,
                "time_shift": time_shift,
                "send_time": send_time,
            },
            method=method,
            variables=variables,
            more_variables=more_variables,
        )
        return reply

    def ok_callback(
        self,
        *,
        message: str,
        user_id: int | str,
        group_id: int | str,
        name: str | None = None,
        resume_bot: bool | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        variables: Mapping[str, str | float | bool | None] | None = None,
        method: Literal["GET", "POST"] = "POST",
        **more_variables: Any,
    ) -> models.Acknowledgement:
        """Start the bot for an Odnoklassniki user.

        Starts the bot of the Odnoklassniki group `group_id` for a user. The client does not see the text.
        Every further parameter is saved as a variable.

        Args:
            name: The client's name.
            message: Text of the callback. The bot's flow reacts to it; the client does not see it. (field)
            user_id: Odnoklassniki's id of the user. (field)
            group_id: Odnoklassniki's number of the group. (field)
            resume_bot: Resumes the bot if it is paused for this client. (field)
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`. (field)
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
                (field)
            variables: variables to save, by name; further keywords are variables too.
            method: HTTP method; GET carries only what a query string can.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: field: vendor's Russian document: the action, its parameters, its permission, GET,
        delimiter, and that further parameters are saved; public integration: a PHP library; assumption:
        which parameters are needed.
        """
        reply: models.Acknowledgement = self._send(
            "ok_callback",
            {
                "name": name,
                "message": message,
                "user_id": user_id,
                "group_id": group_id,
                "resume_bot": resume_bot,
                "time_shift": time_shift,
                "send_time": send_time,
            },
            method=method,
            variables=variables,
            more_variables=more_variables,
        )
        return reply

    def fb_callback(
        self,
        *,
        message: str,
        user_id: int | str,
        group_id: int | str,
        resume_bot: bool | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        variables: Mapping[str, str | float | bool | None] | None = None,
        **more_variables: Any,
    ) -> models.Acknowledgement:
        """Start the bot for a Facebook user.

        The document names this action and has no card for it; the parameters are taken over from
        vk_callback. Every further parameter is saved as a variable.

        Args:
            message: Text of the callback. The bot's flow reacts to it; the client does not see it.
                (assumed)
            user_id: Facebook's id of the user. (assumed)
            group_id: Facebook's number of the page. (assumed)
            resume_bot: Resumes the bot if it is paused for this client. (assumed)
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`. (assumed)
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
                (assumed)
            variables: variables to save, by name; further keywords are variables too.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: assumed: document section 'How to use a universal webhook': the name alone; assumption:
        all else is like vk_callback, whose place it takes in the text.
        """
        reply: models.Acknowledgement = self._send(
            "fb_callback",
            {
                "message": message,
                "user_id": user_id,
                "group_id": group_id,
                "resume_bot": resume_bot,
                "time_shift": time_shift,
                "send_time": send_time,
            },
            variables=variables,
            more_variables=more_variables,
        )
        return reply

    def max_callback(
        self,
        *,
        message: str,
        platform_id: int | str,
        group_id: int | str,
        resume_bot: bool | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        variables: Mapping[str, str | float | bool | None] | None = None,
        **more_variables: Any,
    ) -> models.Acknowledgement:
        """Start the bot in a MAX chat.

        Starts the MAX bot `group_id` for a chat. The client does not see the text. Every further parameter
        is saved as a variable.

        Args:
            message: Text of the callback. The bot's flow reacts to it; the client does not see it. (field)
            platform_id: MAX's id of the chat. (field)
            group_id: MAX's name of the bot, which ends in `bot`. (field)
            resume_bot: Resumes the bot if it is paused for this client. (field)
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`. (field)
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
                (field)
            variables: variables to save, by name; further keywords are variables too.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: field: vendor's Russian document: the action, its parameters, its permission, and that
        further parameters are saved; assumption: which parameters are needed.
        """
        reply: models.Acknowledgement = self._send(
            "max_callback",
            {
                "message": message,
                "platform_id": platform_id,
                "group_id": group_id,
                "resume_bot": resume_bot,
                "time_shift": time_shift,
                "send_time": send_time,
            },
            variables=variables,
            more_variables=more_variables,
        )
        return reply

    def send_callback_by_platform_id(
        self,
        *,
        platform_ids: Sequence[int | str],
        callback_text: str,
        group_id: int | str | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
    ) -> models.CallbacksSent:
        """Send a callback to clients by their ids in the messenger.

        Sends the callback text to each client of the project whose id in the messenger is in the list; ids
        that are not found are passed over. One call makes at most 300 sends; without `group_id` an id that
        is a client's in several channels is several sends, and a call that would make more is refused.

        Args:
            platform_ids: Ids in the messenger, at most 300 a call; those without a client count too
                (assumed). (at most 300)
            callback_text: Text of the callback. The bot's flow reacts to it; the client does not see it.
            group_id: Bot, group or channel inside a messenger, as the field `group_id` of
                connected_channels gives it; a number or a string, depending on the messenger.
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`.
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: documented: document section 'Sending callback messages to a list of clients by
        platform_id'; assumption: a call for more than 300 sends makes none.
        """
        reply: models.CallbacksSent = self._send(
            "send_callback_by_platform_id",
            {
                "platform_ids": platform_ids,
                "callback_text": callback_text,
                "group_id": group_id,
                "time_shift": time_shift,
                "send_time": send_time,
            },
        )
        return reply

    def email_callback(
        self,
        *,
        message: str,
        email: str,
        name: str | None = None,
        email_id_bot: str | None = None,
        resume_bot: bool | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        variables: Mapping[str, str | float | bool | None] | None = None,
        **more_variables: Any,
    ) -> models.Acknowledgement:
        """Start the e-mail bot for an address.

        Starts the e-mail bot for an address and creates the client if there is none with it. Every further
        parameter is saved as a variable.

        Args:
            name: The client's name.
            message: Text of the callback. The bot's flow reacts to it; the client does not see it.
            email: The client's address.
            email_id_bot: The bot's own address.
            resume_bot: Resumes the bot if it is paused for this client.
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`.
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
            variables: variables to save, by name; further keywords are variables too.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: documented: document section 'Sending a callback message to a client by email';
        assumption: email and message are needed.
        """
        reply: models.Acknowledgement = self._send(
            "email_callback",
            {
                "name": name,
                "message": message,
                "email": email,
                "email_id_bot": email_id_bot,
                "resume_bot": resume_bot,
                "time_shift": time_shift,
                "send_time": send_time,
            },
            variables=variables,
            more_variables=more_variables,
        )
        return reply

    def message(
        self,
        *,
        client_id: int | str,
        message_id: int | str | None = None,
        message: str | None = None,
        attachment_type: models.AttachmentType
        | Literal["image", "video", "link", "file", "audio"]
        | None = None,
        attachment_url: str | None = None,
        buttons: models.ButtonSet
        | Mapping[str, Any]
        | Sequence[models.Button | Mapping[str, Any]]
        | str
        | None = None,
        project_id: int | str | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        method: Literal["GET", "POST"] = "POST",
    ) -> models.Acknowledgement:
        """Send a message to a client.

        Sends a text, a file, or a block of the flow. A text is needed unless a file or a block is sent.
        Unlike a callback, further parameters are not saved.

        Args:
            message_id: Number of a block in the bot's flow, as get_messages lists them. It is not the
                number of a message in the history. The client is moved into the block and the block runs
                completely.
            message: Text that the client receives.
            client_id: Number of the client in the builder, as a number or as a string of digits. It is not
                the client's id in the messenger.
            attachment_type: How the messenger shows the attached file.
            attachment_url: Address of the file to attach.
            buttons: Buttons under the message: an object with the list (and a hint, if wanted), the bare
                list, or either as JSON text, the only form that a query string can carry.
            project_id: Number of the project; sent by some, without effect. (field)
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`.
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
            method: HTTP method; GET carries only what a query string can.

        At least one of message, message_id, attachment_url is required.
        attachment_url needs attachment_type.
        attachment_type needs attachment_url.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: documented: document section 'Sending a message to a client'.
        """
        reply: models.Acknowledgement = self._send(
            "message",
            {
                "message_id": message_id,
                "message": message,
                "client_id": client_id,
                "attachment_type": attachment_type,
                "attachment_url": attachment_url,
                "buttons": buttons,
                "project_id": project_id,
                "time_shift": time_shift,
                "send_time": send_time,
            },
            method=method,
        )
        return reply

    def whatsapp_message(
        self,
        *,
        phone: str | int,
        message_id: int | str | None = None,
        whatsapp_bot_id: int | str | None = None,
        attachment_url: str | None = None,
        attachment_type: models.AttachmentType
        | Literal["image", "video", "link", "file", "audio"]
        | None = None,
        message: str | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        method: Literal["GET", "POST"] = "POST",
    ) -> models.Acknowledgement:
        """Send a WhatsApp message to a phone number.

        Sends a text, a file, or a block of the flow from a connected WhatsApp account. A text is needed
        unless a file or a block is sent.

        Args:
            message_id: Number of a block in the bot's flow, as get_messages lists them. It is not the
                number of a message in the history. The client is moved into the block and the block runs
                completely.
            whatsapp_bot_id: Account that sends, as the section "Messengers and chats" of the builder
                numbers it.
            attachment_url: Address of the file to attach.
            attachment_type: How the messenger shows the attached file.
            message: Text that the client receives.
            phone: Recipient's WhatsApp number.
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`.
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
            method: HTTP method; GET carries only what a query string can.

        At least one of message, message_id, attachment_url is required.
        attachment_url needs attachment_type.
        attachment_type needs attachment_url.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: documented: document section 'Sending a message in WhatsApp'.
        """
        reply: models.Acknowledgement = self._send(
            "whatsapp_message",
            {
                "message_id": message_id,
                "whatsapp_bot_id": whatsapp_bot_id,
                "attachment_url": attachment_url,
                "attachment_type": attachment_type,
                "message": message,
                "phone": phone,
                "time_shift": time_shift,
                "send_time": send_time,
            },
            method=method,
        )
        return reply

    def broadcast(
        self,
        *,
        list: int | str | None = None,
        clients: Sequence[int | str] | None = None,
        message: str | None = None,
        platform_ids: Sequence[int | str] | None = None,
        group_id: int | str | None = None,
        attachment_url: str | None = None,
        attachment_type: models.AttachmentType
        | Literal["image", "video", "link", "file", "audio"]
        | None = None,
        buttons: models.ButtonSet
        | Mapping[str, Any]
        | Sequence[models.Button | Mapping[str, Any]]
        | str
        | None = None,
        message_id: int | str | None = None,
        shift: timedelta | float | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
    ) -> models.Acknowledgement:
        """Send a message to many clients.

        Starts a broadcast to exactly one of a list, an array of clients, or an array of ids in a messenger
        together with the bot. Never call it without any of them: the document says that nothing is sent
        then, while two libraries document that the message reaches everybody in the project. Such a call is
        refused here.

        Args:
            list: List whose clients receive the message.
            clients: Clients that receive the message.
            message: Text that the client receives.
            platform_ids: Ids in the messenger of those who receive the message; needs `group_id`.
            group_id: Bot that sends to `platform_ids`; ignored with other recipients. It does not choose a
                list.
            attachment_url: Address of the file to attach.
            attachment_type: How the messenger shows the attached file.
            buttons: Buttons under the message: an object with the list (and a hint, if wanted), the bare
                list, or either as JSON text, the only form that a query string can carry.
            message_id: Number of a block in the bot's flow, as get_messages lists them. It is not the
                number of a message in the history. The client is moved into the block and the block runs
                completely.
            shift: Seconds between two messages. (default 0.2)
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`.
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.

        Exactly one of list, clients, platform_ids is required.
        At least one of message, message_id, attachment_url is required.
        attachment_url needs attachment_type.
        attachment_type needs attachment_url.
        platform_ids needs group_id.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: documented: document section 'Bulk message sending'; public integration: two libraries
        document that a call without recipients reaches everybody; assumption: such a call is an error.
        """
        reply: models.Acknowledgement = self._send(
            "broadcast",
            {
                "list": list,
                "clients": clients,
                "message": message,
                "platform_ids": platform_ids,
                "group_id": group_id,
                "attachment_url": attachment_url,
                "attachment_type": attachment_type,
                "buttons": buttons,
                "message_id": message_id,
                "shift": shift,
                "time_shift": time_shift,
                "send_time": send_time,
            },
        )
        return reply

    def get_history(
        self,
        *,
        client_id: int | str,
        limit: int | None = None,
        start_date: date | str | None = None,
        stop_date: date | str | None = None,
    ) -> models.HistoryReply:
        """Read the message history of a client.

        The newest message comes first.

        Args:
            client_id: Client whose history is read.
            limit: Greatest number of messages in the reply. (default 2000, at most 2000)
            start_date: First day of the period, `dd.mm.yyyy`; needs `stop_date`.
            stop_date: Last day of the period, `dd.mm.yyyy`; needs `start_date`.

        start_date needs stop_date.
        stop_date needs start_date.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieving message history'; public integration: the order.
        """
        reply: models.HistoryReply = self._send(
            "get_history",
            {"client_id": client_id, "limit": limit, "start_date": start_date, "stop_date": stop_date},
        )
        return reply

    def clear_history(self, *, client_id: int | str) -> models.StatusReply:
        """Delete the message history of a client.

        Deletes the whole history although it is called by GET.

        Args:
            client_id: Client whose history is deleted.

        Permission: `clients:write`. Effect: write, can be repeated.
        Evidence: documented: document section 'Clear message history'.
        """
        reply: models.StatusReply = self._send("clear_history", {"client_id": client_id})
        return reply

    def assign_to_user(self, *, client_id: int | str, email: str | None = None) -> models.StatusReply:
        """Assign a client to an employee.

        Assigns the client to the employee with this address, whatever the employee's status. Without an
        address the platform chooses an employee by its own algorithm, one who is on shift.

        Args:
            client_id: Number of the client in the builder, as a number or as a string of digits. It is not
                the client's id in the messenger.
            email: The employee's address.

        Permission: `clients:write`. Effect: write, must not be repeated blindly.
        Evidence: documented: document section 'Assigning a client to an employee'; vendor's Russian
        document: whom the calculator's form chooses.
        """
        reply: models.StatusReply = self._send("assign_to_user", {"client_id": client_id, "email": email})
        return reply

    def load_clients(
        self, *, clients: Sequence[models.NewClient | Mapping[str, Any]]
    ) -> models.LoadClientsReply:
        """Import clients.

        Imports clients of connected channels. The body is the list itself. A client that is there already
        keeps its number, so the call can be repeated. Each item has its own outcome.

        Args:
            clients: The clients to import.

        Permission: `clients:write`. Effect: write, can be repeated.
        Evidence: documented: document section 'Importing clients into the system'; public integration: a
        test against the live service shows that repeating is harmless.
        """
        reply: models.LoadClientsReply = self._send("load_clients", {"clients": clients})
        return reply

    def add_to_list(self, *, list_id: int | str, clients: Sequence[int | str]) -> models.StatusReply:
        """Add clients to a list.

        A client that is in the list already stays in it.

        Args:
            list_id: Number of a client list in the builder.
            clients: The clients; an array, also for a single one.

        Permission: `clients:write`. Effect: write, can be repeated.
        Evidence: documented: document section 'Add clients to a list'; assumption: adding twice is adding
        once.
        """
        reply: models.StatusReply = self._send("add_to_list", {"list_id": list_id, "clients": clients})
        return reply

    def remove_from_list(self, *, list_id: int | str, clients: Sequence[int | str]) -> models.StatusReply:
        """Remove clients from a list.

        The clients themselves stay.

        Args:
            list_id: Number of a client list in the builder.
            clients: The clients; an array, also for a single one.

        Permission: `clients:write`. Effect: write, can be repeated.
        Evidence: documented: document section 'Remove clients from a list'; assumption: removing twice is
        removing once.
        """
        reply: models.StatusReply = self._send("remove_from_list", {"list_id": list_id, "clients": clients})
        return reply

    def get_clients(
        self,
        *,
        offset: int | None = None,
        limit: int | None = None,
        list: int | str | None = None,
        reverse: bool | None = None,
    ) -> models.ClientsReply:
        """List the clients of the project.

        Lists clients page by page; a page shorter than `limit` is the last one.

        Args:
            offset: How many clients to pass over. (default 0)
            limit: Greatest number of clients in the reply. (default 500, at most 500)
            list: Only clients of this list.
            reverse: Oldest first instead of newest first; ignored together with `list`.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve client list'; assumption: bounds and defaults but
        for the limit of 500.
        """
        reply: models.ClientsReply = self._send(
            "get_clients", {"offset": offset, "limit": limit, "list": list, "reverse": reverse}
        )
        return reply

    def subscribers(
        self,
        *,
        page: int | None = None,
        tag: str | None = None,
        group: int | str | None = None,
        date_from: float | None = None,
        date_to: float | None = None,
        client_type: models.Messenger | int | None = None,
    ) -> list[models.Subscriber]:
        """List the subscribers of a messenger.

        Lists clients of one messenger or of all, a thousand a page; pages count from 0.

        Args:
            page: Page of a thousand clients, from 0. (default 0)
            tag: Only clients that subscribed with this tag.
            group: Only clients of this bot or group; the document speaks of VKontakte groups alone.
            date_from: Only clients that subscribed after this moment, in Unix seconds.
            date_to: Only clients that subscribed before this moment, in Unix seconds.
            client_type: Only clients of this messenger.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve the list of bot subscribers in any messenger';
        public integration: the size and the first number of pages.
        """
        reply: list[models.Subscriber] = self._send(
            "subscribers",
            {
                "page": page,
                "tag": tag,
                "group": group,
                "date_from": date_from,
                "date_to": date_to,
                "client_type": client_type,
            },
        )
        return reply

    def delete_clients(self, *, client_ids: Sequence[int | str]) -> models.StatusReply:
        """Delete clients.

        Deletes clients for good. It needs a permission of its own.

        Args:
            client_ids: The clients, at most 500 a call. (at most 500)

        Permission: `clients:delete`. Effect: write, can be repeated.
        Evidence: field: vendor's Russian document: the action, its parameter, its limit and its permission.
        """
        reply: models.StatusReply = self._send("delete_clients", {"client_ids": client_ids})
        return reply

    def save_variables(
        self,
        *,
        variables: Mapping[str, str | float | bool | None],
        clients: Sequence[int | str] | None = None,
        client_id: int | str | None = None,
    ) -> models.Acknowledgement:
        """Save variables of one client or of many.

        Saves variables of the client's current deal, or of the client itself where the name begins with
        `client.`. An empty value clears a variable. Calls of this action count against no limit.

        Args:
            clients: Clients whose variables are saved.
            client_id: Number of the client in the builder, as a number or as a string of digits. It is not
                the client's id in the messenger.
            variables: Variables by name. A plain name is a variable of the client's current deal, `client.`
                before it makes it a variable of the client, `project.` one of the project.

        At least one of client_id, clients is required.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: write, can be repeated.
        Evidence: documented: document section 'Assigning variables'; document section 'How to generate an
        API key': with a key that may only read, modifying variables fails; vendor's Russian document: an
        empty string clears.
        """
        reply: models.Acknowledgement = self._send(
            "save_variables", {"clients": clients, "client_id": client_id, "variables": variables}
        )
        return reply

    def get_variables(self, *, client_id: int | str) -> dict[str, str | float | bool | None]:
        """Read the variables of a client.

        Returns the variables of the client and of its current deal together in one flat object, without the
        prefix `client.`, and the platform's own values beside them. Unset values can be the words "None",
        "NONE", "null" or "undefined".

        Args:
            client_id: Client whose variables are read.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve variables'; public integration: the shape of the
        reply.
        """
        reply: dict[str, str | float | bool | None] = self._send("get_variables", {"client_id": client_id})
        return reply

    def find_client_id_by_platform_id(
        self, *, platform_ids: Sequence[int | str], group_id: int | str | None = None
    ) -> list[models.FoundClient]:
        """Find clients by their ids in the messenger.

        Returns the clients that were found; the array is empty where there is none.

        Args:
            platform_ids: Ids in the messenger.
            group_id: Only clients of this bot or group.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve client_id using the platform_id value'; public
        integration: the empty array.
        """
        reply: list[models.FoundClient] = self._send(
            "find_client_id_by_platform_id", {"platform_ids": platform_ids, "group_id": group_id}
        )
        return reply

    def online_chat_client_id(
        self, *, recipient: str, tag: str | None = None, name: str | None = None
    ) -> models.ClientIdReply:
        """Find or create the client of a website chat.

        Returns the client of a dialogue in the website's chat. It needs the permission to modify, since it
        may create the client.

        Args:
            recipient: Id of the dialogue on the website, the property `MavibotAi.recipient_id` of the
                chat's script.
            tag: Tag that the client gets.
            name: The client's name.

        Permission: `clients:write`. Effect: write, can be repeated.
        Evidence: documented: document section 'Retrieve the client ID from the online chat'; assumption:
        that it creates the client and saves tag and name.
        """
        reply: models.ClientIdReply = self._send(
            "online_chat_client_id", {"recipient": recipient, "tag": tag, "name": name}
        )
        return reply

    def whatsapp_client_id(
        self, *, phone: str | int, group_id: int | str | None = None
    ) -> models.ClientIdReply:
        """Find a client by its WhatsApp number.

        Answers 404 where no client has the number. Integrators try several notations of a number, so the
        comparison may be exact.

        Args:
            phone: The client's WhatsApp number.
            group_id: Only clients of this WhatsApp channel.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve client_id by WhatsApp number'.
        """
        reply: models.ClientIdReply = self._send("whatsapp_client_id", {"phone": phone, "group_id": group_id})
        return reply

    def find_client_id_by_phone(self, *, phone: str | int) -> models.ClientIdReply:
        """Find a client by phone number.

        Searches WhatsApp clients and variables.

        Args:
            phone: The client's phone number.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve client_id by phone number'.
        """
        reply: models.ClientIdReply = self._send("find_client_id_by_phone", {"phone": phone})
        return reply

    def find_client_id_by_email(self, *, email: str) -> models.ClientIdReply:
        """Find a client by e-mail address.

        Searches variables.

        Args:
            email: The client's e-mail address.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve client_id by email'.
        """
        reply: models.ClientIdReply = self._send("find_client_id_by_email", {"email": email})
        return reply

    def find_client_id_by_var(
        self,
        *,
        var: str,
        val: str | float,
        group_id: int | str | None = None,
        search_in: models.SearchIn | Literal["order"] | None = None,
    ) -> models.ClientIdReply:
        """Find a client by the value of a variable.

        Searches the variables of clients, or those of deals on request.

        Args:
            var: Name of the variable.
            val: Value of the variable.
            group_id: Only clients of this bot or group.
            search_in: `order` searches the variables of deals instead of those of clients.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve client_id by variable value'.
        """
        reply: models.ClientIdReply = self._send(
            "find_client_id_by_var", {"var": var, "val": val, "group_id": group_id, "search_in": search_in}
        )
        return reply

    def find_latest_client_id_by_var(self, *, var: str, val: str | float) -> models.ClientIdReply:
        """Find the newest client by the value of a variable.

        Searches the variables of clients and of deals and returns the client that was created last.

        Args:
            var: Name of the variable.
            val: Value of the variable.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve the ID of the most recently created client by
        variable value'.
        """
        reply: models.ClientIdReply = self._send("find_latest_client_id_by_var", {"var": var, "val": val})
        return reply

    def find_all_client_id_by_var(self, *, var: str, val: str | float) -> models.ClientIdsReply:
        """Find all clients by the value of a variable.

        Returns every client whose variable has the value.

        Args:
            var: Name of the variable.
            val: Value of the variable.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve a list of client_id values by variable value'.
        """
        reply: models.ClientIdsReply = self._send("find_all_client_id_by_var", {"var": var, "val": val})
        return reply

    def find_all_client_id_by_several_vars(
        self, *, variables: Mapping[str, str | float]
    ) -> models.ClientIdsReply:
        """Find all clients by the values of up to three variables.

        Returns every client that has all the variables with the given values.

        Args:
            variables: Each variable is a query parameter of its own: `?city=Paris&plan=pro`.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve a list of client_id values based on multiple
        variable values'; document section 'Retrieve client_id by variable value': the number three;
        vendor's Russian document: at most 100 characters a name; assumption: at least one variable.
        """
        reply: models.ClientIdsReply = self._send(
            "find_all_client_id_by_several_vars", {"variables": variables}
        )
        return reply

    def find_clients(
        self,
        *,
        q: Mapping[str, str | float | bool | models.SearchCondition | Mapping[str, Any]],
        search_in: models.SearchIn | Literal["order"] | None = None,
        include_all: bool | None = None,
    ) -> models.ClientIdsReply:
        """Search clients by conditions on their variables.

        Finds clients whose variables meet the conditions, by default those of the client and all conditions
        together. The fields of the client that get_variables shows, such as `name`, are searched like
        variables. A comparison with a number works only if every client has a number in that variable; one
        string makes the call fail.

        Args:
            q: Conditions by the name of the variable, or of a field of the client such as `name`, each a
                plain value (equality) or one of the operators `_in`, `_not_in`, `_not`.
            search_in: Whose variables are searched; those of clients where it is not given.
            include_all: Whether all conditions must hold; `false` selects what meets at least one. (default
                True)

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Search by variables'; assumption: fields of the client
        beside its name are searched too.
        """
        reply: models.ClientIdsReply = self._send(
            "find_clients", {"q": q, "search_in": search_in, "include_all": include_all}
        )
        return reply

    def get_current_order_id(self, *, client_id: int | str) -> models.OrderIdReply:
        """Read the number of a client's current deal.

        Archived deals do not count as current.

        Args:
            client_id: Client whose deal is read.

        Fails with:
            No client of the project has this number.
            The client has no such deal; the wording may hold its number.

        Permission: `crm:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve the current deal ID'; vendor's Russian document:
        archived deals.
        """
        reply: models.OrderIdReply = self._send("get_current_order_id", {"client_id": client_id})
        return reply

    def get_orders(
        self, *, client_id: int | str, order_status: models.OrderStatus | Literal[0, 1, 2] | None = None
    ) -> models.OrdersReply:
        """List the deals of a client.

        Lists the numbers of a client's deals, of one status or of all.

        Args:
            client_id: Client whose deals are listed.
            order_status: 0 active, 1 successful, 2 unsuccessful deals.

        Fails with:
            No client of the project has this number.

        Permission: `crm:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve the list of deals'; public integration:
        order_status is left out; recorded reply: order_status is called required.
        """
        reply: models.OrdersReply = self._send(
            "get_orders", {"client_id": client_id, "order_status": order_status}
        )
        return reply

    def move_order_to_next_state(
        self, *, client_id: int | str, order_id: int | str | None = None
    ) -> models.StateIdReply:
        """Move a deal to the next stage of its funnel.

        Moves the given deal, or the client's current one.

        Args:
            client_id: Number of the client in the builder, as a number or as a string of digits. It is not
                the client's id in the messenger.
            order_id: Deal to move; the current one where it is not given.

        Fails with:
            No client of the project has this number.
            The client has no such deal; the wording may hold its number.

        Permission: `crm:write`. Effect: send, must not be repeated blindly.
        Evidence: documented: document section 'Move a deal to the next stage in the Mavibot funnel';
        vendor's Russian document: the current deal where none is named, and a change of stage runs the
        project's callback for it.
        """
        reply: models.StateIdReply = self._send(
            "move_order_to_next_state", {"client_id": client_id, "order_id": order_id}
        )
        return reply

    def get_order_vars(
        self,
        *,
        client_id: int | str,
        order_id: int | str | None = None,
        variables: Sequence[str] | None = None,
    ) -> models.OrderVariablesReply:
        """Read the variables of a deal.

        Reads the named variables of a deal, or all of them.

        Args:
            client_id: Number of the client in the builder, as a number or as a string of digits. It is not
                the client's id in the messenger.
            order_id: Deal to read; the current one where it is not given.
            variables: Names of the variables; all where it is not given.

        Fails with:
            No client of the project has this number.
            The client has no such deal; the wording may hold its number.

        Permission: `crm:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve deal data'; vendor's Russian document: what may be
        left out in the calculator's form.
        """
        reply: models.OrderVariablesReply = self._send(
            "get_order_vars", {"client_id": client_id, "order_id": order_id, "variables": variables}
        )
        return reply

    def set_order_vars(
        self,
        *,
        client_id: int | str,
        variables: Mapping[str, str | float | bool | None],
        order_id: int | str | None = None,
    ) -> models.StatusReply:
        """Save variables of a deal.

        Saves variables of the given deal, or of the client's current one.

        Args:
            client_id: Number of the client in the builder, as a number or as a string of digits. It is not
                the client's id in the messenger.
            order_id: Deal to change; the current one where it is not given.
            variables: Variables of the deal by name, without a prefix.

        Fails with:
            No client of the project has this number.
            The client has no such deal; the wording may hold its number.

        Permission: `crm:write`. Effect: write, can be repeated.
        Evidence: documented: document section 'Add deal variables'; assumption: the current deal where none
        is named.
        """
        reply: models.StatusReply = self._send(
            "set_order_vars", {"client_id": client_id, "order_id": order_id, "variables": variables}
        )
        return reply

    def create_order(
        self,
        *,
        client_id: int | str | None = None,
        phone: str | int | None = None,
        email: str | None = None,
        name: str | None = None,
        description: str | None = None,
        budget: float | str | None = None,
        state_id: int | str | None = None,
    ) -> models.OrderIdReply:
        """Create a deal.

        Creates a deal for the client found by `client_id`, else by `phone`, else by `email`; only the first
        of them that is given counts. A phone number or an address that no client has creates the client.

        Args:
            client_id: Number of the client in the builder, as a number or as a string of digits. It is not
                the client's id in the messenger.
            phone: Phone number of the client.
            email: E-mail address of the client.
            name: Name of the deal.
            description: Description of the deal.
            budget: Amount of the deal; a string must hold a number.
            state_id: Stage in which the deal begins. (field)

        At least one of client_id, phone, email is required.

        Fails with:
            No client of the project has this number.

        Permission: `crm:write`. Effect: write, must not be repeated blindly.
        Evidence: documented: document section 'Create a deal'; assumption: name and description are not
        empty.
        """
        reply: models.OrderIdReply = self._send(
            "create_order",
            {
                "client_id": client_id,
                "phone": phone,
                "email": email,
                "name": name,
                "description": description,
                "budget": budget,
                "state_id": state_id,
            },
        )
        return reply

    def set_order_state(self, *, client_id: int | str, state_id: int | str) -> models.StatusReply:
        """Move a client's deal to a stage.

        Moves the client's current deal to the given stage.

        Args:
            client_id: Number of the client in the builder, as a number or as a string of digits. It is not
                the client's id in the messenger.
            state_id: Number of a deal stage in the CRM funnel. No action lists the stages; read one with
                get_order_state or in the CRM.

        Fails with:
            No client of the project has this number.
            The client has no such deal; the wording may hold its number.

        Permission: `crm:write`. Effect: send, must not be repeated blindly.
        Evidence: documented: document section 'Move a deal to a stage in MavibotCRM'; vendor's Russian
        document: a change of stage runs the project's callback for it.
        """
        reply: models.StatusReply = self._send(
            "set_order_state", {"client_id": client_id, "state_id": state_id}
        )
        return reply

    def get_order_state(
        self, *, client_id: int | str, order_id: int | str | None = None, state_id: int | str | None = None
    ) -> models.StateIdReply:
        """Read the stage of a deal.

        Reads the stage of the given deal, or of the client's current one.

        Args:
            client_id: Client whose deal is read.
            order_id: Deal whose stage is read; the current one where it is not given. (field)
            state_id: The document's name for `order_id`, which it explains as the deal's number; use
                `order_id`. (deprecated)

        Fails with:
            The client has no such deal; the wording may hold its number.
            No client of the project has this number.

        Permission: `crm:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve the funnel stage ID in Mavibot CRM'.
        """
        reply: models.StateIdReply = self._send(
            "get_order_state", {"client_id": client_id, "order_id": order_id, "state_id": state_id}
        )
        return reply

    def check_whatsapp(
        self, *, phone: str | int, method: Literal["GET", "POST"] = "POST"
    ) -> models.WhatsAppCheck:
        """Check whether a phone number has WhatsApp.

        Needs a WhatsApp channel that is connected to the project.

        Args:
            phone: Number to check.
            method: HTTP method; GET carries only what a query string can.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Check if a phone number has WhatsApp'.
        """
        reply: models.WhatsAppCheck = self._send("check_whatsapp", {"phone": phone}, method=method)
        return reply

    def connected_channels(
        self,
    ) -> models.ConnectedChannels:
        """List the channels that are connected to the project.

        Lists channels by messenger, with the `group_id` that other actions take. The usual way to try a
        key.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Get the list of messengers connected to the project'.
        """
        reply: models.ConnectedChannels = self._send("connected_channels", {})
        return reply

    def get_messages(
        self,
    ) -> models.BlocksReply:
        """List the blocks of the bot's flow.

        Lists the blocks whose numbers other actions take as `message_id`. It does not list messages.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve the list of blocks from the bot’s flow'.
        """
        reply: models.BlocksReply = self._send("get_messages", {})
        return reply


class AsyncActions:
    """The actions of the API as awaitable methods.

    A parameter that is `None` is not sent. Where an action saves variables, further keywords are variables too.
    """

    async def _send(
        self,
        action: str,
        parameters: Mapping[str, Any],
        *,
        method: Literal["GET", "POST"] | None = None,
        variables: Mapping[str, Any] | None = None,
        more_variables: Mapping[str, Any] | None = None,
    ) -> Any:
        """Send a call and return its parsed reply."""
        raise NotImplementedError

    async def callback(
        self,
        *,
        message: str,
        client_id: int | str | None = None,
        client_phone: str | int | None = None,
        client_email: str | None = None,
        resume_bot: bool | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        variables: Mapping[str, str | float | bool | None] | None = None,
        method: Literal["GET", "POST"] = "POST",
        **more_variables: Any,
    ) -> models.Acknowledgement:
        """Start the bot for a client, or report an event to it.

        Sends a text to the bot as if the client had written it; the client does not see the text. Use it to
        start a funnel or to report what happened elsewhere, such as a payment. Every further parameter is
        saved as a variable of the client's current deal, or of the client where its name begins with
        `client.`.

        Args:
            client_id: Number of the client in the builder, as a number or as a string of digits. It is not
                the client's id in the messenger.
            client_phone: Phone number by which the client is looked up.
            client_email: E-mail address by which the client is looked up.
            message: Text of the callback. The bot's flow reacts to it; the client does not see it.
            resume_bot: Resumes the bot if it is paused for this client.
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`.
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
            variables: variables to save, by name; further keywords are variables too.
            method: HTTP method; GET carries only what a query string can.

        At least one of client_id, client_phone, client_email is required.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: documented: document section 'Start the bot'.
        """
        reply: models.Acknowledgement = await self._send(
            "callback",
            {
                "client_id": client_id,
                "client_phone": client_phone,
                "client_email": client_email,
                "message": message,
                "resume_bot": resume_bot,
                "time_shift": time_shift,
                "send_time": send_time,
            },
            method=method,
            variables=variables,
            more_variables=more_variables,
        )
        return reply

    async def whatsapp_callback(
        self,
        *,
        message: str,
        phone: str | int,
        name: str | None = None,
        bot_id: int | str | None = None,
        resume_bot: bool | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        variables: Mapping[str, str | float | bool | None] | None = None,
        method: Literal["GET", "POST"] = "POST",
        **more_variables: Any,
    ) -> models.Acknowledgement:
        """Start the bot for a WhatsApp number.

        Starts the WhatsApp bot for a phone number, for example after a form on a website was filled in. The
        client does not see the text. Every further parameter is saved as a variable.

        Args:
            name: The client's name.
            message: Text of the callback. The bot's flow reacts to it; the client does not see it.
            phone: The client's WhatsApp number.
            bot_id: WhatsApp bot that is started.
            resume_bot: Resumes the bot if it is paused for this client.
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`.
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
            variables: variables to save, by name; further keywords are variables too.
            method: HTTP method; GET carries only what a query string can.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: documented: document section 'Starting the bot using a WhatsApp number'; public
        integration: message is needed.
        """
        reply: models.Acknowledgement = await self._send(
            "whatsapp_callback",
            {
                "name": name,
                "message": message,
                "phone": phone,
                "bot_id": bot_id,
                "resume_bot": resume_bot,
                "time_shift": time_shift,
                "send_time": send_time,
            },
            method=method,
            variables=variables,
            more_variables=more_variables,
        )
        return reply

    async def tg_callback(
        self,
        *,
        message: str,
        user_id: int | str,
        group_id: int | str,
        resume_bot: bool | None = None,
        tg_business: int | str | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        variables: Mapping[str, str | float | bool | None] | None = None,
        **more_variables: Any,
    ) -> models.Acknowledgement:
        """Start the bot for a Telegram user.

        Starts the Telegram bot `group_id` for a Telegram user. The client does not see the text. Every
        further parameter is saved as a variable.

        Args:
            message: Text of the callback. The bot's flow reacts to it; the client does not see it.
            user_id: Telegram's id of the user.
            group_id: Telegram's name of the bot, which ends in `bot`.
            resume_bot: Resumes the bot if it is paused for this client.
            tg_business: 1 for a client of a Telegram Business account. (field)
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`.
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
            variables: variables to save, by name; further keywords are variables too.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: documented: document section 'Starting the bot using a Telegram ID'; public integration:
        user_id, group_id and message are needed; assumption: that value_user_id and its like belong here.
        """
        reply: models.Acknowledgement = await self._send(
            "tg_callback",
            {
                "message": message,
                "user_id": user_id,
                "group_id": group_id,
                "resume_bot": resume_bot,
                "tg_business": tg_business,
                "time_shift": time_shift,
                "send_time": send_time,
            },
            variables=variables,
            more_variables=more_variables,
        )
        return reply

    async def vk_callback(
        self,
        *,
        message: str,
        user_id: int | str,
        group_id: int | str,
        resume_bot: bool | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        variables: Mapping[str, str | float | bool | None] | None = None,
        method: Literal["GET", "POST"] = "POST",
        **more_variables: Any,
    ) -> models.Acknowledgement:
        """Start the bot for a VKontakte user.

        Starts the bot of the VKontakte group `group_id` for a user. The client does not see the text. Every
        further parameter is saved as a variable.

        Args:
            message: Text of the callback. The bot's flow reacts to it; the client does not see it. (field)
            user_id: VKontakte's id of the user. (field)
            group_id: VKontakte's number of the group. (field)
            resume_bot: Resumes the bot if it is paused for this client. (field)
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`. (field)
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
                (field)
            variables: variables to save, by name; further keywords are variables too.
            method: HTTP method; GET carries only what a query string can.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: field: vendor's Russian document: the action, its parameters, its permission, GET,
        delimiter, and that further parameters are saved; public integration: a PHP library; assumption:
        which parameters are needed.
        """
        reply: models.Acknowledgement = await self._send(
            "vk_callback",
            {
                "message": message,
                "user_id": user_id,
                "group_id": group_id,
                "resume_bot": resume_bot,
                "time_shift": time_shift,
                "send_time": send_time,
            },
            method=method,
            variables=variables,
            more_variables=more_variables,
        )
        return reply

    async def ok_callback(
        self,
        *,
        message: str,
        user_id: int | str,
        group_id: int | str,
        name: str | None = None,
        resume_bot: bool | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        variables: Mapping[str, str | float | bool | None] | None = None,
        method: Literal["GET", "POST"] = "POST",
        **more_variables: Any,
    ) -> models.Acknowledgement:
        """Start the bot for an Odnoklassniki user.

        Starts the bot of the Odnoklassniki group `group_id` for a user. The client does not see the text.
        Every further parameter is saved as a variable.

        Args:
            name: The client's name.
            message: Text of the callback. The bot's flow reacts to it; the client does not see it. (field)
            user_id: Odnoklassniki's id of the user. (field)
            group_id: Odnoklassniki's number of the group. (field)
            resume_bot: Resumes the bot if it is paused for this client. (field)
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`. (field)
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
                (field)
            variables: variables to save, by name; further keywords are variables too.
            method: HTTP method; GET carries only what a query string can.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: field: vendor's Russian document: the action, its parameters, its permission, GET,
        delimiter, and that further parameters are saved; public integration: a PHP library; assumption:
        which parameters are needed.
        """
        reply: models.Acknowledgement = await self._send(
            "ok_callback",
            {
                "name": name,
                "message": message,
                "user_id": user_id,
                "group_id": group_id,
                "resume_bot": resume_bot,
                "time_shift": time_shift,
                "send_time": send_time,
            },
            method=method,
            variables=variables,
            more_variables=more_variables,
        )
        return reply

    async def fb_callback(
        self,
        *,
        message: str,
        user_id: int | str,
        group_id: int | str,
        resume_bot: bool | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        variables: Mapping[str, str | float | bool | None] | None = None,
        **more_variables: Any,
    ) -> models.Acknowledgement:
        """Start the bot for a Facebook user.

        The document names this action and has no card for it; the parameters are taken over from
        vk_callback. Every further parameter is saved as a variable.

        Args:
            message: Text of the callback. The bot's flow reacts to it; the client does not see it.
                (assumed)
            user_id: Facebook's id of the user. (assumed)
            group_id: Facebook's number of the page. (assumed)
            resume_bot: Resumes the bot if it is paused for this client. (assumed)
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`. (assumed)
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
                (assumed)
            variables: variables to save, by name; further keywords are variables too.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: assumed: document section 'How to use a universal webhook': the name alone; assumption:
        all else is like vk_callback, whose place it takes in the text.
        """
        reply: models.Acknowledgement = await self._send(
            "fb_callback",
            {
                "message": message,
                "user_id": user_id,
                "group_id": group_id,
                "resume_bot": resume_bot,
                "time_shift": time_shift,
                "send_time": send_time,
            },
            variables=variables,
            more_variables=more_variables,
        )
        return reply

    async def max_callback(
        self,
        *,
        message: str,
        platform_id: int | str,
        group_id: int | str,
        resume_bot: bool | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        variables: Mapping[str, str | float | bool | None] | None = None,
        **more_variables: Any,
    ) -> models.Acknowledgement:
        """Start the bot in a MAX chat.

        Starts the MAX bot `group_id` for a chat. The client does not see the text. Every further parameter
        is saved as a variable.

        Args:
            message: Text of the callback. The bot's flow reacts to it; the client does not see it. (field)
            platform_id: MAX's id of the chat. (field)
            group_id: MAX's name of the bot, which ends in `bot`. (field)
            resume_bot: Resumes the bot if it is paused for this client. (field)
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`. (field)
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
                (field)
            variables: variables to save, by name; further keywords are variables too.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: field: vendor's Russian document: the action, its parameters, its permission, and that
        further parameters are saved; assumption: which parameters are needed.
        """
        reply: models.Acknowledgement = await self._send(
            "max_callback",
            {
                "message": message,
                "platform_id": platform_id,
                "group_id": group_id,
                "resume_bot": resume_bot,
                "time_shift": time_shift,
                "send_time": send_time,
            },
            variables=variables,
            more_variables=more_variables,
        )
        return reply

    async def send_callback_by_platform_id(
        self,
        *,
        platform_ids: Sequence[int | str],
        callback_text: str,
        group_id: int | str | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
    ) -> models.CallbacksSent:
        """Send a callback to clients by their ids in the messenger.

        Sends the callback text to each client of the project whose id in the messenger is in the list; ids
        that are not found are passed over. One call makes at most 300 sends; without `group_id` an id that
        is a client's in several channels is several sends, and a call that would make more is refused.

        Args:
            platform_ids: Ids in the messenger, at most 300 a call; those without a client count too
                (assumed). (at most 300)
            callback_text: Text of the callback. The bot's flow reacts to it; the client does not see it.
            group_id: Bot, group or channel inside a messenger, as the field `group_id` of
                connected_channels gives it; a number or a string, depending on the messenger.
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`.
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: documented: document section 'Sending callback messages to a list of clients by
        platform_id'; assumption: a call for more than 300 sends makes none.
        """
        reply: models.CallbacksSent = await self._send(
            "send_callback_by_platform_id",
            {
                "platform_ids": platform_ids,
                "callback_text": callback_text,
                "group_id": group_id,
                "time_shift": time_shift,
                "send_time": send_time,
            },
        )
        return reply

    async def email_callback(
        self,
        *,
        message: str,
        email: str,
        name: str | None = None,
        email_id_bot: str | None = None,
        resume_bot: bool | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        variables: Mapping[str, str | float | bool | None] | None = None,
        **more_variables: Any,
    ) -> models.Acknowledgement:
        """Start the e-mail bot for an address.

        Starts the e-mail bot for an address and creates the client if there is none with it. Every further
        parameter is saved as a variable.

        Args:
            name: The client's name.
            message: Text of the callback. The bot's flow reacts to it; the client does not see it.
            email: The client's address.
            email_id_bot: The bot's own address.
            resume_bot: Resumes the bot if it is paused for this client.
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`.
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
            variables: variables to save, by name; further keywords are variables too.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: documented: document section 'Sending a callback message to a client by email';
        assumption: email and message are needed.
        """
        reply: models.Acknowledgement = await self._send(
            "email_callback",
            {
                "name": name,
                "message": message,
                "email": email,
                "email_id_bot": email_id_bot,
                "resume_bot": resume_bot,
                "time_shift": time_shift,
                "send_time": send_time,
            },
            variables=variables,
            more_variables=more_variables,
        )
        return reply

    async def message(
        self,
        *,
        client_id: int | str,
        message_id: int | str | None = None,
        message: str | None = None,
        attachment_type: models.AttachmentType
        | Literal["image", "video", "link", "file", "audio"]
        | None = None,
        attachment_url: str | None = None,
        buttons: models.ButtonSet
        | Mapping[str, Any]
        | Sequence[models.Button | Mapping[str, Any]]
        | str
        | None = None,
        project_id: int | str | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        method: Literal["GET", "POST"] = "POST",
    ) -> models.Acknowledgement:
        """Send a message to a client.

        Sends a text, a file, or a block of the flow. A text is needed unless a file or a block is sent.
        Unlike a callback, further parameters are not saved.

        Args:
            message_id: Number of a block in the bot's flow, as get_messages lists them. It is not the
                number of a message in the history. The client is moved into the block and the block runs
                completely.
            message: Text that the client receives.
            client_id: Number of the client in the builder, as a number or as a string of digits. It is not
                the client's id in the messenger.
            attachment_type: How the messenger shows the attached file.
            attachment_url: Address of the file to attach.
            buttons: Buttons under the message: an object with the list (and a hint, if wanted), the bare
                list, or either as JSON text, the only form that a query string can carry.
            project_id: Number of the project; sent by some, without effect. (field)
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`.
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
            method: HTTP method; GET carries only what a query string can.

        At least one of message, message_id, attachment_url is required.
        attachment_url needs attachment_type.
        attachment_type needs attachment_url.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: documented: document section 'Sending a message to a client'.
        """
        reply: models.Acknowledgement = await self._send(
            "message",
            {
                "message_id": message_id,
                "message": message,
                "client_id": client_id,
                "attachment_type": attachment_type,
                "attachment_url": attachment_url,
                "buttons": buttons,
                "project_id": project_id,
                "time_shift": time_shift,
                "send_time": send_time,
            },
            method=method,
        )
        return reply

    async def whatsapp_message(
        self,
        *,
        phone: str | int,
        message_id: int | str | None = None,
        whatsapp_bot_id: int | str | None = None,
        attachment_url: str | None = None,
        attachment_type: models.AttachmentType
        | Literal["image", "video", "link", "file", "audio"]
        | None = None,
        message: str | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        method: Literal["GET", "POST"] = "POST",
    ) -> models.Acknowledgement:
        """Send a WhatsApp message to a phone number.

        Sends a text, a file, or a block of the flow from a connected WhatsApp account. A text is needed
        unless a file or a block is sent.

        Args:
            message_id: Number of a block in the bot's flow, as get_messages lists them. It is not the
                number of a message in the history. The client is moved into the block and the block runs
                completely.
            whatsapp_bot_id: Account that sends, as the section "Messengers and chats" of the builder
                numbers it.
            attachment_url: Address of the file to attach.
            attachment_type: How the messenger shows the attached file.
            message: Text that the client receives.
            phone: Recipient's WhatsApp number.
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`.
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
            method: HTTP method; GET carries only what a query string can.

        At least one of message, message_id, attachment_url is required.
        attachment_url needs attachment_type.
        attachment_type needs attachment_url.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: documented: document section 'Sending a message in WhatsApp'.
        """
        reply: models.Acknowledgement = await self._send(
            "whatsapp_message",
            {
                "message_id": message_id,
                "whatsapp_bot_id": whatsapp_bot_id,
                "attachment_url": attachment_url,
                "attachment_type": attachment_type,
                "message": message,
                "phone": phone,
                "time_shift": time_shift,
                "send_time": send_time,
            },
            method=method,
        )
        return reply

    async def broadcast(
        self,
        *,
        list: int | str | None = None,
        clients: Sequence[int | str] | None = None,
        message: str | None = None,
        platform_ids: Sequence[int | str] | None = None,
        group_id: int | str | None = None,
        attachment_url: str | None = None,
        attachment_type: models.AttachmentType
        | Literal["image", "video", "link", "file", "audio"]
        | None = None,
        buttons: models.ButtonSet
        | Mapping[str, Any]
        | Sequence[models.Button | Mapping[str, Any]]
        | str
        | None = None,
        message_id: int | str | None = None,
        shift: timedelta | float | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
    ) -> models.Acknowledgement:
        """Send a message to many clients.

        Starts a broadcast to exactly one of a list, an array of clients, or an array of ids in a messenger
        together with the bot. Never call it without any of them: the document says that nothing is sent
        then, while two libraries document that the message reaches everybody in the project. Such a call is
        refused here.

        Args:
            list: List whose clients receive the message.
            clients: Clients that receive the message.
            message: Text that the client receives.
            platform_ids: Ids in the messenger of those who receive the message; needs `group_id`.
            group_id: Bot that sends to `platform_ids`; ignored with other recipients. It does not choose a
                list.
            attachment_url: Address of the file to attach.
            attachment_type: How the messenger shows the attached file.
            buttons: Buttons under the message: an object with the list (and a hint, if wanted), the bare
                list, or either as JSON text, the only form that a query string can carry.
            message_id: Number of a block in the bot's flow, as get_messages lists them. It is not the
                number of a message in the history. The client is moved into the block and the block runs
                completely.
            shift: Seconds between two messages. (default 0.2)
            time_shift: Seconds from now after which the message goes out. It takes precedence over
                `send_time`.
            send_time: Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
                time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.

        Exactly one of list, clients, platform_ids is required.
        At least one of message, message_id, attachment_url is required.
        attachment_url needs attachment_type.
        attachment_type needs attachment_url.
        platform_ids needs group_id.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: send, must not be repeated blindly.
        Evidence: documented: document section 'Bulk message sending'; public integration: two libraries
        document that a call without recipients reaches everybody; assumption: such a call is an error.
        """
        reply: models.Acknowledgement = await self._send(
            "broadcast",
            {
                "list": list,
                "clients": clients,
                "message": message,
                "platform_ids": platform_ids,
                "group_id": group_id,
                "attachment_url": attachment_url,
                "attachment_type": attachment_type,
                "buttons": buttons,
                "message_id": message_id,
                "shift": shift,
                "time_shift": time_shift,
                "send_time": send_time,
            },
        )
        return reply

    async def get_history(
        self,
        *,
        client_id: int | str,
        limit: int | None = None,
        start_date: date | str | None = None,
        stop_date: date | str | None = None,
    ) -> models.HistoryReply:
        """Read the message history of a client.

        The newest message comes first.

        Args:
            client_id: Client whose history is read.
            limit: Greatest number of messages in the reply. (default 2000, at most 2000)
            start_date: First day of the period, `dd.mm.yyyy`; needs `stop_date`.
            stop_date: Last day of the period, `dd.mm.yyyy`; needs `start_date`.

        start_date needs stop_date.
        stop_date needs start_date.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieving message history'; public integration: the order.
        """
        reply: models.HistoryReply = await self._send(
            "get_history",
            {"client_id": client_id, "limit": limit, "start_date": start_date, "stop_date": stop_date},
        )
        return reply

    async def clear_history(self, *, client_id: int | str) -> models.StatusReply:
        """Delete the message history of a client.

        Deletes the whole history although it is called by GET.

        Args:
            client_id: Client whose history is deleted.

        Permission: `clients:write`. Effect: write, can be repeated.
        Evidence: documented: document section 'Clear message history'.
        """
        reply: models.StatusReply = await self._send("clear_history", {"client_id": client_id})
        return reply

    async def assign_to_user(self, *, client_id: int | str, email: str | None = None) -> models.StatusReply:
        """Assign a client to an employee.

        Assigns the client to the employee with this address, whatever the employee's status. Without an
        address the platform chooses an employee by its own algorithm, one who is on shift.

        Args:
            client_id: Number of the client in the builder, as a number or as a string of digits. It is not
                the client's id in the messenger.
            email: The employee's address.

        Permission: `clients:write`. Effect: write, must not be repeated blindly.
        Evidence: documented: document section 'Assigning a client to an employee'; vendor's Russian
        document: whom the calculator's form chooses.
        """
        reply: models.StatusReply = await self._send(
            "assign_to_user", {"client_id": client_id, "email": email}
        )
        return reply

    async def load_clients(
        self, *, clients: Sequence[models.NewClient | Mapping[str, Any]]
    ) -> models.LoadClientsReply:
        """Import clients.

        Imports clients of connected channels. The body is the list itself. A client that is there already
        keeps its number, so the call can be repeated. Each item has its own outcome.

        Args:
            clients: The clients to import.

        Permission: `clients:write`. Effect: write, can be repeated.
        Evidence: documented: document section 'Importing clients into the system'; public integration: a
        test against the live service shows that repeating is harmless.
        """
        reply: models.LoadClientsReply = await self._send("load_clients", {"clients": clients})
        return reply

    async def add_to_list(self, *, list_id: int | str, clients: Sequence[int | str]) -> models.StatusReply:
        """Add clients to a list.

        A client that is in the list already stays in it.

        Args:
            list_id: Number of a client list in the builder.
            clients: The clients; an array, also for a single one.

        Permission: `clients:write`. Effect: write, can be repeated.
        Evidence: documented: document section 'Add clients to a list'; assumption: adding twice is adding
        once.
        """
        reply: models.StatusReply = await self._send("add_to_list", {"list_id": list_id, "clients": clients})
        return reply

    async def remove_from_list(
        self, *, list_id: int | str, clients: Sequence[int | str]
    ) -> models.StatusReply:
        """Remove clients from a list.

        The clients themselves stay.

        Args:
            list_id: Number of a client list in the builder.
            clients: The clients; an array, also for a single one.

        Permission: `clients:write`. Effect: write, can be repeated.
        Evidence: documented: document section 'Remove clients from a list'; assumption: removing twice is
        removing once.
        """
        reply: models.StatusReply = await self._send(
            "remove_from_list", {"list_id": list_id, "clients": clients}
        )
        return reply

    async def get_clients(
        self,
        *,
        offset: int | None = None,
        limit: int | None = None,
        list: int | str | None = None,
        reverse: bool | None = None,
    ) -> models.ClientsReply:
        """List the clients of the project.

        Lists clients page by page; a page shorter than `limit` is the last one.

        Args:
            offset: How many clients to pass over. (default 0)
            limit: Greatest number of clients in the reply. (default 500, at most 500)
            list: Only clients of this list.
            reverse: Oldest first instead of newest first; ignored together with `list`.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve client list'; assumption: bounds and defaults but
        for the limit of 500.
        """
        reply: models.ClientsReply = await self._send(
            "get_clients", {"offset": offset, "limit": limit, "list": list, "reverse": reverse}
        )
        return reply

    async def subscribers(
        self,
        *,
        page: int | None = None,
        tag: str | None = None,
        group: int | str | None = None,
        date_from: float | None = None,
        date_to: float | None = None,
        client_type: models.Messenger | int | None = None,
    ) -> list[models.Subscriber]:
        """List the subscribers of a messenger.

        Lists clients of one messenger or of all, a thousand a page; pages count from 0.

        Args:
            page: Page of a thousand clients, from 0. (default 0)
            tag: Only clients that subscribed with this tag.
            group: Only clients of this bot or group; the document speaks of VKontakte groups alone.
            date_from: Only clients that subscribed after this moment, in Unix seconds.
            date_to: Only clients that subscribed before this moment, in Unix seconds.
            client_type: Only clients of this messenger.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve the list of bot subscribers in any messenger';
        public integration: the size and the first number of pages.
        """
        reply: list[models.Subscriber] = await self._send(
            "subscribers",
            {
                "page": page,
                "tag": tag,
                "group": group,
                "date_from": date_from,
                "date_to": date_to,
                "client_type": client_type,
            },
        )
        return reply

    async def delete_clients(self, *, client_ids: Sequence[int | str]) -> models.StatusReply:
        """Delete clients.

        Deletes clients for good. It needs a permission of its own.

        Args:
            client_ids: The clients, at most 500 a call. (at most 500)

        Permission: `clients:delete`. Effect: write, can be repeated.
        Evidence: field: vendor's Russian document: the action, its parameter, its limit and its permission.
        """
        reply: models.StatusReply = await self._send("delete_clients", {"client_ids": client_ids})
        return reply

    async def save_variables(
        self,
        *,
        variables: Mapping[str, str | float | bool | None],
        clients: Sequence[int | str] | None = None,
        client_id: int | str | None = None,
    ) -> models.Acknowledgement:
        """Save variables of one client or of many.

        Saves variables of the client's current deal, or of the client itself where the name begins with
        `client.`. An empty value clears a variable. Calls of this action count against no limit.

        Args:
            clients: Clients whose variables are saved.
            client_id: Number of the client in the builder, as a number or as a string of digits. It is not
                the client's id in the messenger.
            variables: Variables by name. A plain name is a variable of the client's current deal, `client.`
                before it makes it a variable of the client, `project.` one of the project.

        At least one of client_id, clients is required.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:write`. Effect: write, can be repeated.
        Evidence: documented: document section 'Assigning variables'; document section 'How to generate an
        API key': with a key that may only read, modifying variables fails; vendor's Russian document: an
        empty string clears.
        """
        reply: models.Acknowledgement = await self._send(
            "save_variables", {"clients": clients, "client_id": client_id, "variables": variables}
        )
        return reply

    async def get_variables(self, *, client_id: int | str) -> dict[str, str | float | bool | None]:
        """Read the variables of a client.

        Returns the variables of the client and of its current deal together in one flat object, without the
        prefix `client.`, and the platform's own values beside them. Unset values can be the words "None",
        "NONE", "null" or "undefined".

        Args:
            client_id: Client whose variables are read.

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve variables'; public integration: the shape of the
        reply.
        """
        reply: dict[str, str | float | bool | None] = await self._send(
            "get_variables", {"client_id": client_id}
        )
        return reply

    async def find_client_id_by_platform_id(
        self, *, platform_ids: Sequence[int | str], group_id: int | str | None = None
    ) -> list[models.FoundClient]:
        """Find clients by their ids in the messenger.

        Returns the clients that were found; the array is empty where there is none.

        Args:
            platform_ids: Ids in the messenger.
            group_id: Only clients of this bot or group.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve client_id using the platform_id value'; public
        integration: the empty array.
        """
        reply: list[models.FoundClient] = await self._send(
            "find_client_id_by_platform_id", {"platform_ids": platform_ids, "group_id": group_id}
        )
        return reply

    async def online_chat_client_id(
        self, *, recipient: str, tag: str | None = None, name: str | None = None
    ) -> models.ClientIdReply:
        """Find or create the client of a website chat.

        Returns the client of a dialogue in the website's chat. It needs the permission to modify, since it
        may create the client.

        Args:
            recipient: Id of the dialogue on the website, the property `MavibotAi.recipient_id` of the
                chat's script.
            tag: Tag that the client gets.
            name: The client's name.

        Permission: `clients:write`. Effect: write, can be repeated.
        Evidence: documented: document section 'Retrieve the client ID from the online chat'; assumption:
        that it creates the client and saves tag and name.
        """
        reply: models.ClientIdReply = await self._send(
            "online_chat_client_id", {"recipient": recipient, "tag": tag, "name": name}
        )
        return reply

    async def whatsapp_client_id(
        self, *, phone: str | int, group_id: int | str | None = None
    ) -> models.ClientIdReply:
        """Find a client by its WhatsApp number.

        Answers 404 where no client has the number. Integrators try several notations of a number, so the
        comparison may be exact.

        Args:
            phone: The client's WhatsApp number.
            group_id: Only clients of this WhatsApp channel.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve client_id by WhatsApp number'.
        """
        reply: models.ClientIdReply = await self._send(
            "whatsapp_client_id", {"phone": phone, "group_id": group_id}
        )
        return reply

    async def find_client_id_by_phone(self, *, phone: str | int) -> models.ClientIdReply:
        """Find a client by phone number.

        Searches WhatsApp clients and variables.

        Args:
            phone: The client's phone number.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve client_id by phone number'.
        """
        reply: models.ClientIdReply = await self._send("find_client_id_by_phone", {"phone": phone})
        return reply

    async def find_client_id_by_email(self, *, email: str) -> models.ClientIdReply:
        """Find a client by e-mail address.

        Searches variables.

        Args:
            email: The client's e-mail address.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve client_id by email'.
        """
        reply: models.ClientIdReply = await self._send("find_client_id_by_email", {"email": email})
        return reply

    async def find_client_id_by_var(
        self,
        *,
        var: str,
        val: str | float,
        group_id: int | str | None = None,
        search_in: models.SearchIn | Literal["order"] | None = None,
    ) -> models.ClientIdReply:
        """Find a client by the value of a variable.

        Searches the variables of clients, or those of deals on request.

        Args:
            var: Name of the variable.
            val: Value of the variable.
            group_id: Only clients of this bot or group.
            search_in: `order` searches the variables of deals instead of those of clients.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve client_id by variable value'.
        """
        reply: models.ClientIdReply = await self._send(
            "find_client_id_by_var", {"var": var, "val": val, "group_id": group_id, "search_in": search_in}
        )
        return reply

    async def find_latest_client_id_by_var(self, *, var: str, val: str | float) -> models.ClientIdReply:
        """Find the newest client by the value of a variable.

        Searches the variables of clients and of deals and returns the client that was created last.

        Args:
            var: Name of the variable.
            val: Value of the variable.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve the ID of the most recently created client by
        variable value'.
        """
        reply: models.ClientIdReply = await self._send(
            "find_latest_client_id_by_var", {"var": var, "val": val}
        )
        return reply

    async def find_all_client_id_by_var(self, *, var: str, val: str | float) -> models.ClientIdsReply:
        """Find all clients by the value of a variable.

        Returns every client whose variable has the value.

        Args:
            var: Name of the variable.
            val: Value of the variable.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve a list of client_id values by variable value'.
        """
        reply: models.ClientIdsReply = await self._send("find_all_client_id_by_var", {"var": var, "val": val})
        return reply

    async def find_all_client_id_by_several_vars(
        self, *, variables: Mapping[str, str | float]
    ) -> models.ClientIdsReply:
        """Find all clients by the values of up to three variables.

        Returns every client that has all the variables with the given values.

        Args:
            variables: Each variable is a query parameter of its own: `?city=Paris&plan=pro`.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve a list of client_id values based on multiple
        variable values'; document section 'Retrieve client_id by variable value': the number three;
        vendor's Russian document: at most 100 characters a name; assumption: at least one variable.
        """
        reply: models.ClientIdsReply = await self._send(
            "find_all_client_id_by_several_vars", {"variables": variables}
        )
        return reply

    async def find_clients(
        self,
        *,
        q: Mapping[str, str | float | bool | models.SearchCondition | Mapping[str, Any]],
        search_in: models.SearchIn | Literal["order"] | None = None,
        include_all: bool | None = None,
    ) -> models.ClientIdsReply:
        """Search clients by conditions on their variables.

        Finds clients whose variables meet the conditions, by default those of the client and all conditions
        together. The fields of the client that get_variables shows, such as `name`, are searched like
        variables. A comparison with a number works only if every client has a number in that variable; one
        string makes the call fail.

        Args:
            q: Conditions by the name of the variable, or of a field of the client such as `name`, each a
                plain value (equality) or one of the operators `_in`, `_not_in`, `_not`.
            search_in: Whose variables are searched; those of clients where it is not given.
            include_all: Whether all conditions must hold; `false` selects what meets at least one. (default
                True)

        Fails with:
            The action failed; `message` or `error` says why.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Search by variables'; assumption: fields of the client
        beside its name are searched too.
        """
        reply: models.ClientIdsReply = await self._send(
            "find_clients", {"q": q, "search_in": search_in, "include_all": include_all}
        )
        return reply

    async def get_current_order_id(self, *, client_id: int | str) -> models.OrderIdReply:
        """Read the number of a client's current deal.

        Archived deals do not count as current.

        Args:
            client_id: Client whose deal is read.

        Fails with:
            No client of the project has this number.
            The client has no such deal; the wording may hold its number.

        Permission: `crm:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve the current deal ID'; vendor's Russian document:
        archived deals.
        """
        reply: models.OrderIdReply = await self._send("get_current_order_id", {"client_id": client_id})
        return reply

    async def get_orders(
        self, *, client_id: int | str, order_status: models.OrderStatus | Literal[0, 1, 2] | None = None
    ) -> models.OrdersReply:
        """List the deals of a client.

        Lists the numbers of a client's deals, of one status or of all.

        Args:
            client_id: Client whose deals are listed.
            order_status: 0 active, 1 successful, 2 unsuccessful deals.

        Fails with:
            No client of the project has this number.

        Permission: `crm:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve the list of deals'; public integration:
        order_status is left out; recorded reply: order_status is called required.
        """
        reply: models.OrdersReply = await self._send(
            "get_orders", {"client_id": client_id, "order_status": order_status}
        )
        return reply

    async def move_order_to_next_state(
        self, *, client_id: int | str, order_id: int | str | None = None
    ) -> models.StateIdReply:
        """Move a deal to the next stage of its funnel.

        Moves the given deal, or the client's current one.

        Args:
            client_id: Number of the client in the builder, as a number or as a string of digits. It is not
                the client's id in the messenger.
            order_id: Deal to move; the current one where it is not given.

        Fails with:
            No client of the project has this number.
            The client has no such deal; the wording may hold its number.

        Permission: `crm:write`. Effect: send, must not be repeated blindly.
        Evidence: documented: document section 'Move a deal to the next stage in the Mavibot funnel';
        vendor's Russian document: the current deal where none is named, and a change of stage runs the
        project's callback for it.
        """
        reply: models.StateIdReply = await self._send(
            "move_order_to_next_state", {"client_id": client_id, "order_id": order_id}
        )
        return reply

    async def get_order_vars(
        self,
        *,
        client_id: int | str,
        order_id: int | str | None = None,
        variables: Sequence[str] | None = None,
    ) -> models.OrderVariablesReply:
        """Read the variables of a deal.

        Reads the named variables of a deal, or all of them.

        Args:
            client_id: Number of the client in the builder, as a number or as a string of digits. It is not
                the client's id in the messenger.
            order_id: Deal to read; the current one where it is not given.
            variables: Names of the variables; all where it is not given.

        Fails with:
            No client of the project has this number.
            The client has no such deal; the wording may hold its number.

        Permission: `crm:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve deal data'; vendor's Russian document: what may be
        left out in the calculator's form.
        """
        reply: models.OrderVariablesReply = await self._send(
            "get_order_vars", {"client_id": client_id, "order_id": order_id, "variables": variables}
        )
        return reply

    async def set_order_vars(
        self,
        *,
        client_id: int | str,
        variables: Mapping[str, str | float | bool | None],
        order_id: int | str | None = None,
    ) -> models.StatusReply:
        """Save variables of a deal.

        Saves variables of the given deal, or of the client's current one.

        Args:
            client_id: Number of the client in the builder, as a number or as a string of digits. It is not
                the client's id in the messenger.
            order_id: Deal to change; the current one where it is not given.
            variables: Variables of the deal by name, without a prefix.

        Fails with:
            No client of the project has this number.
            The client has no such deal; the wording may hold its number.

        Permission: `crm:write`. Effect: write, can be repeated.
        Evidence: documented: document section 'Add deal variables'; assumption: the current deal where none
        is named.
        """
        reply: models.StatusReply = await self._send(
            "set_order_vars", {"client_id": client_id, "order_id": order_id, "variables": variables}
        )
        return reply

    async def create_order(
        self,
        *,
        client_id: int | str | None = None,
        phone: str | int | None = None,
        email: str | None = None,
        name: str | None = None,
        description: str | None = None,
        budget: float | str | None = None,
        state_id: int | str | None = None,
    ) -> models.OrderIdReply:
        """Create a deal.

        Creates a deal for the client found by `client_id`, else by `phone`, else by `email`; only the first
        of them that is given counts. A phone number or an address that no client has creates the client.

        Args:
            client_id: Number of the client in the builder, as a number or as a string of digits. It is not
                the client's id in the messenger.
            phone: Phone number of the client.
            email: E-mail address of the client.
            name: Name of the deal.
            description: Description of the deal.
            budget: Amount of the deal; a string must hold a number.
            state_id: Stage in which the deal begins. (field)

        At least one of client_id, phone, email is required.

        Fails with:
            No client of the project has this number.

        Permission: `crm:write`. Effect: write, must not be repeated blindly.
        Evidence: documented: document section 'Create a deal'; assumption: name and description are not
        empty.
        """
        reply: models.OrderIdReply = await self._send(
            "create_order",
            {
                "client_id": client_id,
                "phone": phone,
                "email": email,
                "name": name,
                "description": description,
                "budget": budget,
                "state_id": state_id,
            },
        )
        return reply

    async def set_order_state(self, *, client_id: int | str, state_id: int | str) -> models.StatusReply:
        """Move a client's deal to a stage.

        Moves the client's current deal to the given stage.

        Args:
            client_id: Number of the client in the builder, as a number or as a string of digits. It is not
                the client's id in the messenger.
            state_id: Number of a deal stage in the CRM funnel. No action lists the stages; read one with
                get_order_state or in the CRM.

        Fails with:
            No client of the project has this number.
            The client has no such deal; the wording may hold its number.

        Permission: `crm:write`. Effect: send, must not be repeated blindly.
        Evidence: documented: document section 'Move a deal to a stage in MavibotCRM'; vendor's Russian
        document: a change of stage runs the project's callback for it.
        """
        reply: models.StatusReply = await self._send(
            "set_order_state", {"client_id": client_id, "state_id": state_id}
        )
        return reply

    async def get_order_state(
        self, *, client_id: int | str, order_id: int | str | None = None, state_id: int | str | None = None
    ) -> models.StateIdReply:
        """Read the stage of a deal.

        Reads the stage of the given deal, or of the client's current one.

        Args:
            client_id: Client whose deal is read.
            order_id: Deal whose stage is read; the current one where it is not given. (field)
            state_id: The document's name for `order_id`, which it explains as the deal's number; use
                `order_id`. (deprecated)

        Fails with:
            The client has no such deal; the wording may hold its number.
            No client of the project has this number.

        Permission: `crm:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve the funnel stage ID in Mavibot CRM'.
        """
        reply: models.StateIdReply = await self._send(
            "get_order_state", {"client_id": client_id, "order_id": order_id, "state_id": state_id}
        )
        return reply

    async def check_whatsapp(
        self, *, phone: str | int, method: Literal["GET", "POST"] = "POST"
    ) -> models.WhatsAppCheck:
        """Check whether a phone number has WhatsApp.

        Needs a WhatsApp channel that is connected to the project.

        Args:
            phone: Number to check.
            method: HTTP method; GET carries only what a query string can.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Check if a phone number has WhatsApp'.
        """
        reply: models.WhatsAppCheck = await self._send("check_whatsapp", {"phone": phone}, method=method)
        return reply

    async def connected_channels(
        self,
    ) -> models.ConnectedChannels:
        """List the channels that are connected to the project.

        Lists channels by messenger, with the `group_id` that other actions take. The usual way to try a
        key.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Get the list of messengers connected to the project'.
        """
        reply: models.ConnectedChannels = await self._send("connected_channels", {})
        return reply

    async def get_messages(
        self,
    ) -> models.BlocksReply:
        """List the blocks of the bot's flow.

        Lists the blocks whose numbers other actions take as `message_id`. It does not list messages.

        Permission: `clients:read`. Effect: read, can be repeated.
        Evidence: documented: document section 'Retrieve the list of blocks from the bot’s flow'.
        """
        reply: models.BlocksReply = await self._send("get_messages", {})
        return reply
