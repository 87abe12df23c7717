"""Mail, put together from the settings: it only sends, so it has no directory and takes no requests."""

from adapters.mail.send import BURST, GAP, RATE, MailChat
from adapters.mail.server import sender, server
from scheduler.pace import Pace
from smbot.settings import Settings

PACE = Pace(rate=RATE, burst=BURST, gap=GAP)


def mail(settings: Settings) -> MailChat | None:
    """None where no server is set. The settings have been checked."""
    if settings.smbot_smtp_url is None:
        return None
    return MailChat(server(settings.smbot_smtp_url.get_secret_value()), sender(settings.smbot_mail_from))
