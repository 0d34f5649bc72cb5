"""How other machines learn to trust the certificate that the instance made for itself."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import staff_public

FILE = "authority.crt"


def _authority() -> bytes:
    try:
        return (settings.PATHS.tls / FILE).read_bytes()
    except OSError as error:
        raise Http404("本实例没有自建的证书") from error


@require_safe
@staff_public
def trust(request: HttpRequest) -> HttpResponse:
    """The way, step by step, and the fingerprint to compare."""
    found = x509.load_pem_x509_certificate(_authority())
    digest = found.fingerprint(hashes.SHA256()).hex().upper()
    shown = " ".join(digest[i : i + 4] for i in range(0, len(digest), 4))
    return render(request, "accounts/trust.html", {"fingerprint": shown, "until": found.not_valid_after_utc})


@require_safe
@staff_public
def authority(request: HttpRequest) -> HttpResponse:
    """The authority's certificate; it holds no secret."""
    headers = {"Content-Disposition": f'attachment; filename="{FILE}"'}
    return HttpResponse(_authority(), content_type="application/x-x509-ca-cert", headers=headers)
