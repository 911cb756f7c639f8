"""The tables of a project's database; whoever changes them raises the version."""

from __future__ import annotations

from itertools import combinations
from typing import Final

from mavibot_mock.state.store import own_fields
from mavibot_mock.state.store.sequence import Sequence

#: Stands in the database as `PRAGMA user_version`; a database of another version is refused.
VERSION: Final = 7

_TABLES: Final = """
-- The project's own facts by name: its settings, its clock and whose turn it was last, each a JSON text.
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE keys (
    name TEXT PRIMARY KEY, value TEXT NOT NULL UNIQUE,
    permissions TEXT,  -- a JSON list; NULL of a legacy key, which holds all
    is_primary INTEGER NOT NULL DEFAULT 0, revoked INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE channels (
    id INTEGER PRIMARY KEY, messenger TEXT NOT NULL, client_type INTEGER NOT NULL, group_id TEXT NOT NULL,
    shown TEXT NOT NULL,  -- the channel as connected_channels shows it, JSON
    blocked TEXT,  -- why nothing is delivered through it; NULL where all is well
    UNIQUE (client_type, group_id)
);
-- Numbers that have no WhatsApp account; every other number has one.
CREATE TABLE without_whatsapp (phone TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE managers (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT,
    found TEXT NOT NULL  -- the address in lower-case, by which it is found
);
CREATE INDEX managers_by_email ON managers (found);
CREATE TABLE blocks (
    id INTEGER PRIMARY KEY, condition TEXT, answer TEXT NOT NULL, message_type INTEGER, description TEXT,
    attachments TEXT, buttons TEXT, paused INTEGER NOT NULL DEFAULT 0  -- whether it pauses the bot for the client
);
CREATE INDEX blocks_by_condition ON blocks (condition);
CREATE TABLE clients (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- so that no new client gets the number of a deleted one
    client_type INTEGER NOT NULL, group_id TEXT NOT NULL, platform_id TEXT NOT NULL,
    identity TEXT NOT NULL,  -- platform_id in the notation that tells one client from another
    name TEXT, avatar TEXT, tag TEXT, block_id INTEGER, custom_answer TEXT, operator_start_dialog INTEGER,
    manager_id INTEGER, paused INTEGER NOT NULL DEFAULT 0,
    blocked TEXT,  -- why nothing reaches the client; NULL where all is well
    subscribed INTEGER NOT NULL DEFAULT 1, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    last_message INTEGER NOT NULL DEFAULT 0,  -- id of the client's newest message, as far as noted
    hidden_fields INTEGER NOT NULL DEFAULT 0,  -- a bit for each field that a variable of the client hides from searches
    UNIQUE (identity, client_type, group_id)
);
CREATE INDEX clients_by_message ON clients (last_message);
CREATE TABLE lists (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE list_members (
    list_id INTEGER NOT NULL, created_at INTEGER NOT NULL,  -- of the client, so that the newest come first
    client_id INTEGER NOT NULL, PRIMARY KEY (list_id, created_at, client_id)
) WITHOUT ROWID;
CREATE INDEX list_members_by_client ON list_members (client_id, list_id);
CREATE TABLE stages (
    id INTEGER PRIMARY KEY, pipeline TEXT NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL,
    order_status INTEGER NOT NULL DEFAULT 0  -- of the deals on it: 0 active, 1 successful, 2 unsuccessful
);
CREATE INDEX stages_by_position ON stages (position, id);
CREATE INDEX stages_by_pipeline ON stages (pipeline, position, id);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    client_id INTEGER NOT NULL, state_id INTEGER, name TEXT, description TEXT, budget REAL,
    order_status INTEGER NOT NULL DEFAULT 0, archived INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL
);
CREATE INDEX orders_by_client ON orders (client_id, id);
CREATE INDEX orders_by_status ON orders (client_id, order_status, archived, id);
-- Values of variables are JSON, so that a number stays a number; `found` is the text by which searches find them. What
-- searches ask of the client stands beside it, since it never changes: its channel, and when it was created.
CREATE TABLE client_variables (
    owner INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, found TEXT NOT NULL,
    group_id TEXT NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (owner, name)
) WITHOUT ROWID;
CREATE INDEX client_variables_by_value ON client_variables (name, found, owner);
CREATE INDEX client_variables_by_group ON client_variables (name, found, group_id, owner);
CREATE INDEX client_variables_by_moment ON client_variables (name, found, created_at, owner);
CREATE TABLE order_variables (
    owner INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, found TEXT NOT NULL, client_id INTEGER NOT NULL,
    group_id TEXT NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (owner, name)
) WITHOUT ROWID;
CREATE INDEX order_variables_by_value ON order_variables (name, found, owner);
CREATE INDEX order_variables_by_group ON order_variables (name, found, group_id, owner);
CREATE INDEX order_variables_by_moment ON order_variables (name, found, created_at, client_id);
-- What is not a number: such JSON begins with a quotation mark or a letter. Comparisons with numbers ask for it.
CREATE INDEX client_variables_no_number ON client_variables (name) WHERE value NOT BETWEEN '-' AND ':';
CREATE INDEX order_variables_no_number ON order_variables (name) WHERE value NOT BETWEEN '-' AND ':';
CREATE TABLE project_variables (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- so that no new message gets the number of a deleted one
    client_id INTEGER NOT NULL, answered INTEGER NOT NULL,
    client_replica INTEGER NOT NULL, block_id INTEGER, message_from_outside INTEGER NOT NULL,
    created_at REAL NOT NULL, text TEXT NOT NULL,
    attachments TEXT NOT NULL, buttons TEXT,  -- JSON
    delivered INTEGER NOT NULL, error_message TEXT, manager_id INTEGER, manager_email TEXT
);
CREATE INDEX messages_by_client ON messages (client_id, created_at, id);
CREATE INDEX messages_with_buttons ON messages (client_id, created_at, id) WHERE buttons IS NOT NULL;
CREATE TRIGGER messages_gone AFTER DELETE ON messages BEGIN
    -- The oldest go first, or all of a client.
    UPDATE clients SET last_message = 0 WHERE id = old.client_id AND last_message = old.id;
END;
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY, due REAL NOT NULL, kind TEXT NOT NULL, parameters TEXT NOT NULL,  -- JSON
    client_id INTEGER  -- that of the parameters, if any
);
CREATE INDEX jobs_by_client ON jobs (client_id);
"""

#: What clients can be filtered by, in the order of the columns of each index.
FILTERS: Final = ("tag", "group_id", "client_type")

#: All clients, and those that fit some filters, oldest first; by the filters.
CLIENTS: Final[dict[tuple[str, ...], Sequence]] = {
    by: Sequence(
        "_".join(("clients_by", *by, "moment")),
        "clients",
        "created_at",
        by,
        where="tag IS NOT NULL" if "tag" in by else None,
    )
    for count in range(len(FILTERS) + 1)
    for by in combinations(FILTERS, count)
}
#: The members of each list, oldest client first.
LIST_MEMBERS: Final = Sequence(
    "list_members_by_moment", "list_members", "created_at", ("list_id",), number="client_id", has_index=False
)
#: What is scheduled, in the order in which it will run.
JOBS: Final = Sequence("jobs_by_due", "jobs", "due")

SEQUENCES: Final = (*CLIENTS.values(), LIST_MEMBERS, JOBS)

SCHEMA: Final = _TABLES + own_fields.schema() + "".join(each.schema() for each in SEQUENCES)
