"""How often one address may ask for what costs more than a page; Redis counts, where it is away nobody is refused."""

from __future__ import annotations

import hashlib
import logging
import time

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)


def within_limit(what: str, address: str, *, most: int, seconds: int) -> bool:
    """Whether ``address`` may do ``what`` once more in the present span of ``seconds``.

    Args:
        what: name of the action.
        address: the visitor's IP address; only a digest of it is stored, and only for the span.
        most: how often within a span.
        seconds: how long a span is.
    """
    told = hashlib.blake2b(f"{settings.SECRET_KEY}{address}".encode(), digest_size=12).hexdigest()
    key = f"tc:limit:{what}:{told}:{int(time.time() // seconds)}"
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )
    try:
        with client.pipeline() as pipe:
            pipe.incr(key)
            pipe.expire(key, seconds)
            count, _ = pipe.execute()
        return int(count) <= most
    except (redis.RedisError, OSError) as error:
        logger.warning("no limit for %s: %s", what, type(error).__name__)
        return True
    finally:
        client.close()
