"""Staff pages of drafts, of words to look for, and of masking."""
