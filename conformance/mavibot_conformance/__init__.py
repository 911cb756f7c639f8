"""Proof that a server of the Mavibot API and the contract agree."""

from mavibot_conformance.fuzz import Failure, FuzzReport, fuzz

__all__ = ["Failure", "FuzzReport", "fuzz"]
