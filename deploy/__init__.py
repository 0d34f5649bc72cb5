"""What the production layout needs besides the portal: see docs/operations.md."""
