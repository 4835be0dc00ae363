"""CloudPayments: transactions. Which order and which document of 1C they belong to is decided in dbt."""
