"""Demonstration of budget and performance: two official reports' figures under other names, a good and a running year."""

from performance.demo.parts import demo_part

__all__ = ["demo_part"]
