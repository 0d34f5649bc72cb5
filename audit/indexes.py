"""What is found by a blind index, so that it can be computed anew when the index key changes.

An app that stores such digests registers how: ``index_add("experts.Expert.id_number", renew)`` where
``renew(version=)`` decrypts each value, computes ``core.keys.blind_index(…, version=version)``, stores it, in batches
and so that it can run twice, and returns how many it wrote. Until it has, lookups ask with every version
(``core.keys.versions``).

Nothing is registered yet: the digests of login names that failed (``audit.LoginFailure``) only count how many names
were tried, are never looked up, and cannot be computed anew, since the names are not kept.
"""

from __future__ import annotations

from collections.abc import Callable

Renew = Callable[..., int]
_renews: dict[str, Renew] = {}


def index_add(name: str, renew: Renew) -> None:
    """Register what computes one kind of stored digest anew."""
    _renews[name] = renew


def index_renew(*, version: int) -> dict[str, int]:
    """Compute every stored digest with a version of the index key.

    Args:
        version: of the key, as ``core.keys.rotate`` returned it.

    Returns:
        How many were written, by name.
    """
    return {name: renew(version=version) for name, renew in sorted(_renews.items())}
