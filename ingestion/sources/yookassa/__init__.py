"""YooKassa: payments, refunds and receipts. Which order and which document of 1C they belong to is decided in dbt."""
