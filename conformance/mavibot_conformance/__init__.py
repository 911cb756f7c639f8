"""Proof that a server of the Mavibot API and the contract agree."""

try:
    import schemathesis as _schemathesis  # noqa: F401
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "mavibot_conformance needs schemathesis; install it with: pip install 'mavibot[conformance]'",
        name="schemathesis",
    ) from None

from mavibot_conformance.fuzz import Failure, FuzzReport, fuzz

__all__ = ["Failure", "FuzzReport", "fuzz"]
