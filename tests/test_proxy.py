"""The proxy of the production layout, run for real before a stand-in for the portal."""

from __future__ import annotations

import datetime
import socket
import ssl
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.processes.harness import free_port, listening_ports
from tools import nginx

pytestmark = pytest.mark.process


class Portal(ThreadingHTTPServer):
    """Answers every GET with the number of the request, and can be held up or made to fail."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: Counter[str] = Counter()
        self.heard: dict[str, str] = {}
        self.go = threading.Event()
        self.go.set()
        self.status = 200


class Answer(BaseHTTPRequestHandler):
    """One answer of the stand-in."""

    server: Portal
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked[self.path] += 1
        self.server.heard = dict(self.headers)
        self.server.go.wait()
        body = str(self.server.asked[self.path]).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        # As the portal answers: browsers ask again each time, static files are kept.
        self.send_header("Cache-Control", "max-age=31536000" if self.path.startswith("/static/") else "no-cache")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the test reads the counters."""


def certificate(folder: Path) -> None:
    """A certificate for this machine alone, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "tls.crt").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(pem))
    (folder / "tls.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))


@pytest.fixture
def portal() -> Iterator[Portal]:
    server = Portal()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.go.set()
    server.shutdown()
    thread.join()
    server.server_close()


def listens(process: subprocess.Popen[bytes], ports: tuple[int, int]) -> bool:
    """Wait until the proxy has both ports; False when it ended because another program has one of them."""
    while process.poll() is None:
        if listening_ports({process.pid}) >= set(ports):
            return True
        time.sleep(0.02)
    return False


def started(folder: Path, portal: Portal, ports: tuple[int, int]) -> subprocess.Popen[bytes] | None:
    """The proxy before ``portal``; None when another program took one of the ports since they were looked up."""
    values = {"WEB_ADDRESS": f"127.0.0.1:{portal.server_port}", "CERTIFICATES": str(folder), "CACHE_DIR": str(folder)}
    values |= {name: f"127.0.0.1:{port}" for name, port in zip(("HTTP_PORT", "HTTPS_PORT"), ports, strict=True)}
    path, log = nginx.configure(folder, values), folder / "error.log"
    log.unlink(missing_ok=True)
    command = [nginx.binary(), "-c", str(path), "-p", str(folder), "-e", str(log)]
    # A master that is root gives its workers to a user who could not enter this folder.
    command += ["-g", "user root;"] if path.owner() == "root" else []
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    if listens(process, ports):
        return process
    said = log.read_text(encoding="utf-8")
    assert "Address already in use" in said, said
    return None


@pytest.fixture
def ports(portal: Portal, tmp_path: Path) -> Iterator[tuple[int, int]]:
    """The ports (HTTP, HTTPS) of a running proxy."""
    certificate(tmp_path)
    for _ in range(5):
        found = free_port(), free_port()
        if process := started(tmp_path, portal, found):
            break
    else:
        raise AssertionError("five times another program took the port")
    yield found
    process.terminate()
    process.wait()


def test_port_that_another_program_took_meanwhile_is_told_apart_from_a_wrong_file(
    portal: Portal, tmp_path: Path
) -> None:
    certificate(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert started(tmp_path, portal, (taken.getsockname()[1], free_port())) is None
    (tmp_path / "tls.crt").unlink()
    with pytest.raises(AssertionError, match=r"tls\.crt"):
        started(tmp_path, portal, (free_port(), free_port()))


def get(port: int, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
    """The answer of the proxy over TLS."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    link = HTTPSConnection("127.0.0.1", port, timeout=30, context=context)
    link.request("GET", path, headers={"Host": "center.example", **headers})
    answer = link.getresponse()
    body = answer.read()
    link.close()
    return answer, body


def test_plain_http_leads_to_https(ports: tuple[int, int]) -> None:
    link = HTTPConnection("127.0.0.1", ports[0], timeout=30)
    link.request("GET", "/announcements/?q=1", headers={"Host": "center.example"})
    answer = link.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, "https://center.example/announcements/?q=1")
    link.close()


def test_answers_ask_for_https_for_a_year(ports: tuple[int, int]) -> None:
    found = [
        get(ports[1], path)[0].headers.get_all("Strict-Transport-Security") for path in ("/", "/healthz", "/static/a")
    ]
    assert found == [["max-age=31536000"]] * 3


def test_portal_learns_who_asks_and_under_which_name(ports: tuple[int, int], portal: Portal) -> None:
    get(ports[1], "/", **{"X-Forwarded-For": "1.2.3.4", "X-Real-IP": "1.2.3.4"})
    told = ("Host", "X-Forwarded-Proto", "X-Forwarded-For", "X-Real-IP")
    assert [portal.heard[name] for name in told] == ["center.example", "https", "127.0.0.1", "127.0.0.1"]


def test_many_at_once_ask_the_portal_once(ports: tuple[int, int], portal: Portal) -> None:
    portal.go.clear()
    with ThreadPoolExecutor(20) as pool:
        asking = [pool.submit(get, ports[1], "/announcements/") for _ in range(20)]
        while not portal.asked:
            time.sleep(0.01)
        portal.go.set()
        bodies = {task.result()[1] for task in asking}
    assert (portal.asked["/announcements/"], bodies) == (1, {b"1"})


def test_last_copy_is_shown_while_the_portal_is_down(ports: tuple[int, int], portal: Portal) -> None:
    assert get(ports[1], "/")[1] == b"1"
    portal.status = 503
    # Until the copy is a second old it is a hit; then it is stale, and shown all the same.
    while (answer := get(ports[1], "/"))[0].headers["X-Cache"] == "HIT":
        time.sleep(0.05)
    assert (answer[0].status, answer[1]) == (200, b"1")


def test_first_visitor_after_a_quiet_time_sees_the_new_page(ports: tuple[int, int]) -> None:
    assert get(ports[1], "/")[1] == b"1"
    # A second later the copy is too old for anybody.
    while (answer := get(ports[1], "/"))[0].headers["X-Cache"] == "HIT":
        time.sleep(0.05)
    assert (answer[0].headers["X-Cache"], answer[1]) == ("EXPIRED", b"2")


@pytest.mark.parametrize("header", ["Cookie", "Authorization"])
def test_who_says_who_he_is_gets_no_copy_and_leaves_none(ports: tuple[int, int], header: str) -> None:
    assert get(ports[1], "/", **{header: "sessionid=1"})[1] == b"1"
    assert get(ports[1], "/")[1] == b"2"
    assert get(ports[1], "/", **{header: "sessionid=1"})[1] == b"3"


def test_addresses_are_kept_apart(ports: tuple[int, int], portal: Portal) -> None:
    for path in ("/announcements/?q=a", "/announcements/?q=b", "/large/announcements/?q=a"):
        get(ports[1], path)
    assert sorted(portal.asked.values()) == [1, 1, 1]


@pytest.mark.parametrize("prefix", ["", "/large"])
@pytest.mark.parametrize(
    "path", ["/healthz", "/log/checkpoint", "/log/", "/staff", "/staff/login/", "/survey/ABCDEFGH/"]
)
def test_what_concerns_one_moment_or_person_is_not_kept(ports: tuple[int, int], path: str, prefix: str) -> None:
    assert [get(ports[1], prefix + path)[1] for _ in range(3)] == [b"1", b"2", b"3"]


def test_static_files_are_kept(ports: tuple[int, int], portal: Portal) -> None:
    get(ports[1], "/static/portal.1234.css")
    portal.status = 503
    assert get(ports[1], "/static/portal.1234.css")[1] == b"1"
    assert portal.asked["/static/portal.1234.css"] == 1
