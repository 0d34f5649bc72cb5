"""E-mail against a real SMTP server on this machine."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from types import SimpleNamespace
from typing import Any

import pytest

from notices.channels.email import EmailWay, message_id
from notices.models import Notice
from notices.sealed import message_open
from notices.services import notice_deliver
from notices.services.delivery import LEASE, _claim
from tests.notices.factories import NOW, make_notice

pytestmark = pytest.mark.django_db


@dataclass
class Server:
    """What it got, and what it answers to a recipient and to the end of the data."""

    port: int = 0
    mails: list[bytes] = field(default_factory=list)
    to_recipient: str = "250 ok"
    to_data: str = "250 ok"


class Talk(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a client needs."""

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        known: Server = self.server.known  # type: ignore[attr-defined]
        self.say("220 here")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.say("354 go on")
                mail = b"".join(iter(self.rfile.readline, b".\r\n"))
                known.mails.append(mail)
                self.say(known.to_data)
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say(known.to_recipient if word == b"RCPT" else "250 ok")


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    """A mail server, and settings that name it."""
    known = Server()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as listening:
        listening.daemon_threads = True
        listening.known = known  # type: ignore[attr-defined]
        known.port = listening.server_address[1]
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", known.port
        more = {"NOTICE_EMAIL_URL": f"smtp://127.0.0.1:{known.port}", "NOTICE_EMAIL_FROM": "center@yunze.example"}
        settings.CONFIG = SimpleNamespace(**{**vars(settings.CONFIG), **more})
        yield known
        listening.shutdown()


def mail_for(notice: Notice) -> Notice:
    notice_deliver(number=notice.pk, now=NOW)
    notice.refresh_from_db()
    return notice


def make_mail(**changes: Any) -> Notice:
    return make_notice(channel=Notice.Channel.EMAIL, address="zhang@b.example", **changes)


def test_mail_carries_text_and_a_name_made_from_the_number(server: Server) -> None:
    notice = mail_for(make_mail(subject="开标时间变更", text="改为下午三点。"))
    [raw] = server.mails
    mail = message_from_bytes(raw, policy=policy.default)
    assert (notice.status, notice.sent_by) == ("sent", "email")
    assert (mail["To"], mail["From"], mail["Subject"]) == ("zhang@b.example", "center@yunze.example", "开标时间变更")
    assert mail.get_content().strip() == "改为下午三点。"
    assert mail["Message-ID"] == message_id(message_open(notice).name)


def test_mail_sent_twice_by_a_worker_that_died_has_one_name(server: Server) -> None:
    notice = make_mail()

    claimed = _claim(notice.pk, NOW)
    assert claimed is not None
    EmailWay().send(message_open(claimed))
    assert notice_deliver(number=notice.pk, now=NOW + LEASE)
    assert len({message_from_bytes(mail)["Message-ID"] for mail in server.mails}) == 1
    assert len(server.mails) == 2


@pytest.mark.parametrize(
    ("answers", "status", "problem"),
    [
        ({"to_recipient": "550 no such user"}, "failed", "邮件服务器不接收这个收件地址（550）。"),
        ({"to_recipient": "451 later"}, "waiting", "邮件服务器不接收这个收件地址（451）。"),
        ({"to_data": "452 full"}, "waiting", "邮件服务器没有接收（452）。"),
    ],
)
def test_refusals_of_the_server(server: Server, answers: dict[str, str], status: str, problem: str) -> None:
    for name, answer in answers.items():
        setattr(server, name, answer)
    notice = mail_for(make_mail())
    assert (notice.status, notice.problem) == (status, problem)


def test_server_that_is_away_is_asked_again_later(server: Server, settings: Any) -> None:
    settings.EMAIL_PORT = 1
    notice = mail_for(make_mail())
    assert (notice.status, notice.problem) == ("waiting", "连不上邮件服务器，或发送中断。")
