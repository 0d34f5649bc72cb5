"""The editors' entries in the staff navigation."""

from accounts.duties import Duty
from accounts.navigation import Entry, entry_add
from portal.selectors.watch import findings_count
from workflow.moves import LEADERS, STAFF

entry_add(Entry("文章与指南", "staff_articles", frozenset({Duty.ARTICLE_EDIT, *LEADERS}), 40, "网站"))
entry_add(Entry("制度库", "staff_rules", frozenset(STAFF), 41, "网站"))
entry_add(
    Entry("网站巡查", "staff_site_watch", frozenset({Duty.ARTICLE_EDIT, Duty.OFFICE_HEAD}), 42, "网站", findings_count)
)
