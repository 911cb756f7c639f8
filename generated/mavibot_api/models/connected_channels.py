from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.channel import Channel


T = TypeVar("T", bound="ConnectedChannels")


@_attrs_define
class ConnectedChannels:
    """
    Attributes:
        project_id (int): Number of the project.
        viber (list[Channel] | Unset): Channels of one messenger.
        facebook (list[Channel] | Unset): Channels of one messenger.
        telegram (list[Channel] | Unset): Channels of one messenger.
        whatsapp (list[Channel] | Unset): Channels of one messenger.
        avito (list[Channel] | Unset): Channels of one messenger.
        ok (list[Channel] | Unset): Channels of one messenger.
        vkontakte (list[Channel] | Unset): Channels of one messenger.
        online_chat (list[Channel] | Unset): Channels of one messenger.
        email (list[Channel] | Unset): Channels of one messenger.
        instagram (list[Channel] | Unset): Channels of one messenger.
    """

    project_id: int
    viber: list[Channel] | Unset = UNSET
    facebook: list[Channel] | Unset = UNSET
    telegram: list[Channel] | Unset = UNSET
    whatsapp: list[Channel] | Unset = UNSET
    avito: list[Channel] | Unset = UNSET
    ok: list[Channel] | Unset = UNSET
    vkontakte: list[Channel] | Unset = UNSET
    online_chat: list[Channel] | Unset = UNSET
    email: list[Channel] | Unset = UNSET
    instagram: list[Channel] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        project_id = self.project_id

        viber: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.viber, Unset):
            viber = []
            for componentsschemas_channels_item_data in self.viber:
                componentsschemas_channels_item = componentsschemas_channels_item_data.to_dict()
                viber.append(componentsschemas_channels_item)

        facebook: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.facebook, Unset):
            facebook = []
            for componentsschemas_channels_item_data in self.facebook:
                componentsschemas_channels_item = componentsschemas_channels_item_data.to_dict()
                facebook.append(componentsschemas_channels_item)

        telegram: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.telegram, Unset):
            telegram = []
            for componentsschemas_channels_item_data in self.telegram:
                componentsschemas_channels_item = componentsschemas_channels_item_data.to_dict()
                telegram.append(componentsschemas_channels_item)

        whatsapp: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.whatsapp, Unset):
            whatsapp = []
            for componentsschemas_channels_item_data in self.whatsapp:
                componentsschemas_channels_item = componentsschemas_channels_item_data.to_dict()
                whatsapp.append(componentsschemas_channels_item)

        avito: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.avito, Unset):
            avito = []
            for componentsschemas_channels_item_data in self.avito:
                componentsschemas_channels_item = componentsschemas_channels_item_data.to_dict()
                avito.append(componentsschemas_channels_item)

        ok: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.ok, Unset):
            ok = []
            for componentsschemas_channels_item_data in self.ok:
                componentsschemas_channels_item = componentsschemas_channels_item_data.to_dict()
                ok.append(componentsschemas_channels_item)

        vkontakte: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.vkontakte, Unset):
            vkontakte = []
            for componentsschemas_channels_item_data in self.vkontakte:
                componentsschemas_channels_item = componentsschemas_channels_item_data.to_dict()
                vkontakte.append(componentsschemas_channels_item)

        online_chat: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.online_chat, Unset):
            online_chat = []
            for componentsschemas_channels_item_data in self.online_chat:
                componentsschemas_channels_item = componentsschemas_channels_item_data.to_dict()
                online_chat.append(componentsschemas_channels_item)

        email: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.email, Unset):
            email = []
            for componentsschemas_channels_item_data in self.email:
                componentsschemas_channels_item = componentsschemas_channels_item_data.to_dict()
                email.append(componentsschemas_channels_item)

        instagram: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.instagram, Unset):
            instagram = []
            for componentsschemas_channels_item_data in self.instagram:
                componentsschemas_channels_item = componentsschemas_channels_item_data.to_dict()
                instagram.append(componentsschemas_channels_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "project_id": project_id,
            }
        )
        if viber is not UNSET:
            field_dict["viber"] = viber
        if facebook is not UNSET:
            field_dict["facebook"] = facebook
        if telegram is not UNSET:
            field_dict["telegram"] = telegram
        if whatsapp is not UNSET:
            field_dict["whatsapp"] = whatsapp
        if avito is not UNSET:
            field_dict["avito"] = avito
        if ok is not UNSET:
            field_dict["ok"] = ok
        if vkontakte is not UNSET:
            field_dict["vkontakte"] = vkontakte
        if online_chat is not UNSET:
            field_dict["online_chat"] = online_chat
        if email is not UNSET:
            field_dict["email"] = email
        if instagram is not UNSET:
            field_dict["instagram"] = instagram

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.channel import Channel  # noqa: PLC0415

        d = dict(src_dict)
        project_id = d.pop("project_id")

        _viber = d.pop("viber", UNSET)
        viber: list[Channel] | Unset = UNSET
        if _viber is not UNSET:
            viber = []
            for componentsschemas_channels_item_data in _viber:
                componentsschemas_channels_item = Channel.from_dict(componentsschemas_channels_item_data)

                viber.append(componentsschemas_channels_item)

        _facebook = d.pop("facebook", UNSET)
        facebook: list[Channel] | Unset = UNSET
        if _facebook is not UNSET:
            facebook = []
            for componentsschemas_channels_item_data in _facebook:
                componentsschemas_channels_item = Channel.from_dict(componentsschemas_channels_item_data)

                facebook.append(componentsschemas_channels_item)

        _telegram = d.pop("telegram", UNSET)
        telegram: list[Channel] | Unset = UNSET
        if _telegram is not UNSET:
            telegram = []
            for componentsschemas_channels_item_data in _telegram:
                componentsschemas_channels_item = Channel.from_dict(componentsschemas_channels_item_data)

                telegram.append(componentsschemas_channels_item)

        _whatsapp = d.pop("whatsapp", UNSET)
        whatsapp: list[Channel] | Unset = UNSET
        if _whatsapp is not UNSET:
            whatsapp = []
            for componentsschemas_channels_item_data in _whatsapp:
                componentsschemas_channels_item = Channel.from_dict(componentsschemas_channels_item_data)

                whatsapp.append(componentsschemas_channels_item)

        _avito = d.pop("avito", UNSET)
        avito: list[Channel] | Unset = UNSET
        if _avito is not UNSET:
            avito = []
            for componentsschemas_channels_item_data in _avito:
                componentsschemas_channels_item = Channel.from_dict(componentsschemas_channels_item_data)

                avito.append(componentsschemas_channels_item)

        _ok = d.pop("ok", UNSET)
        ok: list[Channel] | Unset = UNSET
        if _ok is not UNSET:
            ok = []
            for componentsschemas_channels_item_data in _ok:
                componentsschemas_channels_item = Channel.from_dict(componentsschemas_channels_item_data)

                ok.append(componentsschemas_channels_item)

        _vkontakte = d.pop("vkontakte", UNSET)
        vkontakte: list[Channel] | Unset = UNSET
        if _vkontakte is not UNSET:
            vkontakte = []
            for componentsschemas_channels_item_data in _vkontakte:
                componentsschemas_channels_item = Channel.from_dict(componentsschemas_channels_item_data)

                vkontakte.append(componentsschemas_channels_item)

        _online_chat = d.pop("online_chat", UNSET)
        online_chat: list[Channel] | Unset = UNSET
        if _online_chat is not UNSET:
            online_chat = []
            for componentsschemas_channels_item_data in _online_chat:
                componentsschemas_channels_item = Channel.from_dict(componentsschemas_channels_item_data)

                online_chat.append(componentsschemas_channels_item)

        _email = d.pop("email", UNSET)
        email: list[Channel] | Unset = UNSET
        if _email is not UNSET:
            email = []
            for componentsschemas_channels_item_data in _email:
                componentsschemas_channels_item = Channel.from_dict(componentsschemas_channels_item_data)

                email.append(componentsschemas_channels_item)

        _instagram = d.pop("instagram", UNSET)
        instagram: list[Channel] | Unset = UNSET
        if _instagram is not UNSET:
            instagram = []
            for componentsschemas_channels_item_data in _instagram:
                componentsschemas_channels_item = Channel.from_dict(componentsschemas_channels_item_data)

                instagram.append(componentsschemas_channels_item)

        connected_channels = cls(
            project_id=project_id,
            viber=viber,
            facebook=facebook,
            telegram=telegram,
            whatsapp=whatsapp,
            avito=avito,
            ok=ok,
            vkontakte=vkontakte,
            online_chat=online_chat,
            email=email,
            instagram=instagram,
        )

        connected_channels.additional_properties = d
        return connected_channels

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
