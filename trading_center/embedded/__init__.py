"""Real PostgreSQL and Redis servers from PyPI packages, private to one DATA_DIR."""
