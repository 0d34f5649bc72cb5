"""The tables of moves of all apps, found in their ``states.py``."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from core.errors import BusinessError
from workflow.moves import Table


@cache
def tables() -> dict[str, Table]:
    """Every table by the model's label in small letters, in the order of the apps from below to above."""
    found: dict[str, Table] = {}
    for config in reversed(list(apps.get_app_configs())):
        if config.module and module_has_submodule(config.module, "states"):
            for label, table in getattr(import_module(f"{config.name}.states"), "MOVES", {}).items():
                found[label.lower()] = replace(table, label=label)
    return found


def table_of(obj: Any) -> Table:
    """The table of an object or a model class. Raises LookupError: its model has none."""
    return tables()[obj._meta.label_lower]


def table_named(subject_type: str) -> Table:
    """The table of ``app.model``. Raises BusinessError ``unknown_subject``."""
    try:
        return tables()[subject_type.lower()]
    except KeyError:
        raise BusinessError("没有这一类办理事项，请从工作台重新打开。", "unknown_subject") from None
