"""财务科: the deposit ledger, sub-accounts, bank statements, reconciliation, refunds (from step 9)."""
