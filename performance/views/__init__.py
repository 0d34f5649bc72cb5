"""Staff pages of budget, spending, goals and reports."""
