"""Form services, without a server of your own.

A form service posts what it wants, to one address. The platform can be told in that address where the payload holds
what it needs, so nothing of yours stands in between: print the address once, and paste it into the service's
settings.

Test it with the service's own sample payload first: `forward` refuses what would not work, and names the key that is
missing.
"""

from mavibot import Mavibot

#: A sample of what the service posts, copied from its documentation or its log.
SAMPLE = {"event": "form_sent", "answers": {"phone": "79875146788", "name": "Anna"}}


def address(bot: Mavibot) -> str:
    """Return the address for the settings of the form service; `{api_key}` in it is to be replaced by the key."""
    return bot.webhook_url("callback", client_phone=["answers", "phone"], message="event")


def try_the_sample(bot: Mavibot) -> str:
    """Pass the sample on as the service would, and return what the platform says of it."""
    return str(bot.forward("callback", SAMPLE, client_phone=["answers", "phone"], message="event").status)


if __name__ == "__main__":
    with Mavibot() as bot:
        print(address(bot))
