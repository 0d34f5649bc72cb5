"""The public: pages, search, feeds, open data."""
