"""Seeds: the state of a project as a document, and back."""

from __future__ import annotations

from mavibot_mock.seeds.document import has_keys, schemas
from mavibot_mock.seeds.export import export, export_keys
from mavibot_mock.seeds.filling import build, default_keys, new_key
from mavibot_mock.seeds.text import read

__all__ = ["build", "default_keys", "export", "export_keys", "has_keys", "new_key", "read", "schemas"]
