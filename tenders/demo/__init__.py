"""Fictional demonstration content: a county that exists nowhere, its trades, notices and guides.

Everything here is made up (places, bodies, firms, persons, numbers); what the texts say of the law is true.
The content of one id never changes: item ``i`` is a function of ``i`` alone.
"""

from tenders.demo.drafts import demo_part

__all__ = ["demo_part"]
