"""What the demonstration center has to say: notices, law in short, guides and news."""

from __future__ import annotations

from collections.abc import Iterator

from tenders.demo.texts import read_data


def demo_articles() -> Iterator[dict[str, str]]:
    """The articles of the center's columns, always the same.

    Yields:
        ``{"column", "title", "published", "source", "text"}``: 8 of 通知公告, 8 of 政策法规 (true, with article
        numbers), 8 of 办事指南, 4 of 中心动态; ``published`` is ``YYYY-MM-DD HH:MM``, Asia/Shanghai.
    """
    for part in read_data("articles.txt").split("=== ")[1:]:
        head, _, text = part.partition("\n")
        column, title, published, source = head.split("|")
        yield {"column": column, "title": title, "published": published, "source": source, "text": text.strip("\n")}
