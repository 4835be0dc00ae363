"""What exchanges, payment services and advertising systems know of the sandbox company, as their servers and files tell it.

Truth comes from `ingestion.sandbox.company`; no connector is used here.
"""
