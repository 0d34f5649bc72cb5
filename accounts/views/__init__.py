"""Staff pages of people and login, a module per noun."""
