"""Sections of the document that several rules about searches name."""

from __future__ import annotations

from typing import Final

SEARCH: Final = "document section 'Search by variables'"
BY_VARIABLE: Final = "document section 'Retrieve client_id by variable value'"
BY_PHONE: Final = "document section 'Retrieve client_id by phone number'"
