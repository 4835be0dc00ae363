"""Bank statements in 1C's exchange format 1CClientBankExchange (kl_to_1c.txt): payments and balances of the company's accounts.

Matching payments to orders and to 1C's own documents is the warehouse's work.
"""
