"""What was done, by whom, when; and the public log that nobody can change unseen."""
