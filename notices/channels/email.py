"""E-mail over SMTP (NOTICE_EMAIL_URL).

At least once: when the worker dies, or the line breaks, after the server took the message and before we heard of it, it
is sent again. No mail system can promise more. Both copies have the same Message-ID, made from the message's name, by
which mail stores and people see that they are one.
"""

from __future__ import annotations

import smtplib
import socket

from django.conf import settings
from django.core.mail import EmailMessage

from notices.channels import Later, Never
from notices.sealed import Message

# Answers of the server that stay the same when asked again (RFC 5321, 4.2.1).
PERMANENT = range(500, 600)


def message_id(name: str) -> str:
    """The Message-ID of a notice: the same at every attempt, of every process."""
    domain = settings.CONFIG.NOTICE_EMAIL_FROM.rpartition("@")[2] or "localhost"
    return f"<notice-{name}@{domain}>"


class EmailWay:
    """Sends through the server of the settings."""

    name = "email"

    def ready(self) -> bool:
        """Whether there is a server."""
        return bool(settings.CONFIG.NOTICE_EMAIL_URL)

    def send(self, message: Message) -> None:
        """Hand it to the server.

        Raises:
            Later: the server is away, busy, or refuses us.
            Never: it refuses this recipient.
        """
        mail = EmailMessage(
            subject=message.subject,
            body=message.text,
            from_email=settings.CONFIG.NOTICE_EMAIL_FROM,
            to=[message.address],
            headers={"Message-ID": message_id(message.name), "Auto-Submitted": "auto-generated"},
        )
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise (Never if codes and codes[0] in PERMANENT else Later)(
                f"邮件服务器不接收这个收件地址（{codes[0] if codes else '无代码'}）。"
            ) from error
        except smtplib.SMTPAuthenticationError as error:
            raise Later("邮件服务器不认可登录名或密码，请检查 NOTICE_EMAIL_URL。") from error
        except smtplib.SMTPResponseException as error:
            raise Later(f"邮件服务器没有接收（{error.smtp_code}）。") from error
        except (smtplib.SMTPException, socket.gaierror, OSError) as error:
            raise Later("连不上邮件服务器，或发送中断。") from error
