"""主任室: users, departments, roles, organisations, login security; whether the instance is 演示 or real."""
