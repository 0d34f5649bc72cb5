"""What the audit log's rows about budget and spending mean, in words."""

from __future__ import annotations

DEEDS = {
    "unit_save": "保存预算单位", "subject_add": "新增科目", "post_save": "保存人员编制", "post_remove": "删除人员编制",
    "income_line_save": "保存收入预算", "income_line_remove": "删除收入预算", "spending_line_save": "保存支出预算",
    "spending_line_remove": "删除支出预算", "carry_over": "列入上年结转", "adjust": "登记预算调整",
    "entry_add": "登记支出", "entry_reverse": "冲销支出", "paper_add": "添加支出凭证附件", "income_add": "登记收入",
    "income_reverse": "冲销收入", "settle": "处理年末结余", "settle_reverse": "冲销年末结余处理",
    "responsibility_save": "保存部门职责", "activity_save": "保存工作活动", "program_save": "保存项目",
    "program_year_save": "保存项目申报", "expense_save": "保存支出明细", "expense_remove": "删除支出明细",
    "milestone_save": "保存实施节点", "milestone_remove": "删除实施节点", "milestone_done": "登记节点完成",
    "inspection_add": "登记督查", "remedy_add": "登记整改", "import_start": "上传支出清单",
    "result_use_add": "登记结果应用",
    "month_plan": "填报月度用款计划", "goal_shares": "分解目标", "goal_progress": "填报目标进度",
    "program_department": "指定承办科室",
    "import_apply": "确认导入", "import_discard": "放弃导入", "import_again": "重新读取清单",
    "survey_slips": "制作一人一码问卷", "survey_papers": "登记发放纸质问卷", "survey_paper": "录入一份纸质问卷",
    "survey_poster": "改扫码自填每天的上限",
    "workbook_upload": "上传财政表格", "workbook_save": "修改财政表格", "workbook_stop": "停用财政表格",
    "workbook_start": "重新启用财政表格", "workbook_remove": "删除财政表格",
    "cell_map": "指定单元格内容", "cell_unmap": "取消单元格内容",
}  # fmt: skip
NAMES = {"amount": "金额", "entries": "登记笔数", "document": "文号"}


def record_words(subject: str, name: str, value: str) -> str | None:
    """An audit.words teller."""
    return DEEDS.get(value) if name == "what" and subject.startswith("performance.") else None
