"""The state of one project in an SQLite database: its tables and every query on them."""

from __future__ import annotations

from mavibot_mock.store.channels import Channels
from mavibot_mock.store.clients import Clients
from mavibot_mock.store.messages import Messages
from mavibot_mock.store.orders import Orders
from mavibot_mock.store.recipients import Recipients
from mavibot_mock.store.search import Search
from mavibot_mock.store.settings import Settings
from mavibot_mock.store.variables import Variables
from mavibot_mock.store.whole import Whole


class Store(Settings, Channels, Clients, Variables, Orders, Messages, Recipients, Search, Whole):
    """The database of one project."""
