"""财务科、主任室: budget and spending, goals and indicators, self-evaluation and its reports (from step 3)."""
