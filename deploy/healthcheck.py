"""``python -m deploy.healthcheck web|worker|scheduler``: exit code 0 while the part of this container lives.

The web answers over HTTP; worker and scheduler leave a sign of life in Redis every few seconds.
"""

from __future__ import annotations

import http.client
import json
import os
import sys

import redis

from trading_center import health

SIGNS = {"worker": health.WORKER_KEY, "scheduler": health.SCHEDULER_KEY}
SECONDS = 5


def web_lives(port: int) -> bool:
    """Whether the web server of this container answers and reaches its database."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/healthz")
        # 503 may be another part's: only what this container can answer for counts.
        return json.load(connection.getresponse())["parts"]["database"] == health.OK
    finally:
        connection.close()


def left_sign(part: str, url: str) -> bool:
    """Whether the part of this name left a sign of life within the last seconds."""
    client = redis.Redis.from_url(url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)
    try:
        return bool(client.exists(SIGNS[part]))
    finally:
        client.close()


def main(part: str) -> int:
    """0 when the part lives, else 1."""
    try:
        lives = web_lives(int(os.environ["PORT"])) if part == "web" else left_sign(part, os.environ["REDIS_URL"])
    except (OSError, ValueError, KeyError, redis.RedisError):
        lives = False
    return 0 if lives else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
