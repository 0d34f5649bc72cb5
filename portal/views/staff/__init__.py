"""The editors' pages, below /staff/."""
