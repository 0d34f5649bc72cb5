"""Public pages, a module per noun; each answer depends on the address, the published content and the minute."""
