"""A release as one file, and the way from one release to the next and back."""
