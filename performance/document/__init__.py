"""Reports as pages: what they hold (``model``), how they look (GB/T 9704-2012), PDF and Excel. No database."""
