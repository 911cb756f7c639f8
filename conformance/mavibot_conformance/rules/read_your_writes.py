"""Rules: what was written is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mavibot_conformance.rule import Level, rule

if TYPE_CHECKING:
    from mavibot_conformance.trial import Trial

_SAVED = "document section 'Saving values to variables': names with the prefix client. are the client's"


@rule("RYW-1", Level.MUST, source=_SAVED, actions=["save_variables", "get_variables"], needs=["channel"], smoke=True)
def client_variables_are_read_back(t: Trial) -> None:
    """A variable saved with the prefix `client.` is read back under its plain name."""
    client_id, value = t.client(), t.nonce()
    t.ok("save_variables", client_id=client_id, variables={"client.cnf_color": value})
    t.equal(t.variables(client_id).get("cnf_color"), value, "the variable cnf_color")
