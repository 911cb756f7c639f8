from enum import IntEnum


class Messenger(IntEnum):
    VKONTAKTE = 0
    TELEGRAM = 1
    VIBER = 2
    FACEBOOK = 3
    TALK_ME = 4
    ONLINE_CHAT = 5
    WHATSAPP = 6
    AVITO = 7
    ODNOKLASSNIKI = 8
    INSTAGRAM = 10
    JIVOSITE = 11
    YULA = 12
    TELEPHONY = 13
    EMAIL = 14
    TELEGRAM_BUSINESS = 16
    CIAN = 19
    MAX = 20
    TELEGRAM_ACCOUNT = 21
    TIKTOK = 22

    def __str__(self) -> str:
        return str(self.value)
