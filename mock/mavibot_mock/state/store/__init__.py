"""The state of one project in an SQLite database: its tables and every query on them."""

from __future__ import annotations

from mavibot_mock.state.store.channels import Channels
from mavibot_mock.state.store.clients import Clients
from mavibot_mock.state.store.conversations import Conversations
from mavibot_mock.state.store.jobs import Jobs
from mavibot_mock.state.store.keys import Keys
from mavibot_mock.state.store.messages import Messages
from mavibot_mock.state.store.orders import Orders
from mavibot_mock.state.store.recipients import Recipients
from mavibot_mock.state.store.search import Search
from mavibot_mock.state.store.tables import Tables
from mavibot_mock.state.store.variables import Variables


class Store(Keys, Channels, Clients, Variables, Orders, Messages, Jobs, Conversations, Recipients, Search, Tables):
    """The database of one project."""
