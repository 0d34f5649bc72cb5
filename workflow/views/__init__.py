"""The staff pages of the desk, the moves and the handed-out tasks."""
