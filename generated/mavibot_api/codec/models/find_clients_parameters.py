from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..models.search_in import SearchIn
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.search_query import SearchQuery


T = TypeVar("T", bound="FindClientsParameters")


@_attrs_define
class FindClientsParameters:
    """
    Attributes:
        q (SearchQuery): Conditions by the name of the variable, each a plain value (equality) or one of the operators
            `_in`, `_not_in`, `_not`.
        search_in (SearchIn | Unset): Whose variables are searched; those of clients where it is not given.
        include_all (bool | Unset): Whether all conditions must hold; `false` selects what meets at least one. Default:
            True.
    """

    q: SearchQuery
    search_in: SearchIn | Unset = UNSET
    include_all: bool | Unset = True

    def to_dict(self) -> dict[str, Any]:
        q = self.q.to_dict()

        search_in: str | Unset = UNSET
        if not isinstance(self.search_in, Unset):
            search_in = getattr(self.search_in, "value", self.search_in)

        include_all = self.include_all

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "q": q,
            }
        )
        if search_in is not UNSET:
            field_dict["search_in"] = search_in
        if include_all is not UNSET:
            field_dict["include_all"] = include_all

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.search_query import SearchQuery  # noqa: PLC0415

        d = dict(src_dict)
        q = SearchQuery.from_dict(d.pop("q"))

        _search_in = d.pop("search_in", UNSET)
        search_in: SearchIn | Unset
        if isinstance(_search_in, Unset):
            search_in = UNSET
        else:
            search_in = SearchIn(_search_in)

        include_all = d.pop("include_all", UNSET)

        find_clients_parameters = cls(
            q=q,
            search_in=search_in,
            include_all=include_all,
        )

        return find_clients_parameters
