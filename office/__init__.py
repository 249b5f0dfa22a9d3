"""The school office: pupils, taps, the Dojo ledger, School DJ turns and staff; it alone owns the database."""
