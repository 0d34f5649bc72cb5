"""The text of reports: figures as fields, drafts in official Chinese, what officers wrote around them."""
