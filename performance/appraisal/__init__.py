"""Checks of the department's own 绩效管理工作: what the portal recorded, judged item by item.

A file for each part of the work; each check is declared at import (:func:`performance.appraisal.checks.check_add`).
"""
