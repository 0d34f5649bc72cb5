"""Programs that make or check files of the project; none of them runs in the portal."""
