"""受理科: projects, lots, announcements, agencies, questions, statistics (step 1: announcements and search)."""
