"""Input of the staff pages."""
