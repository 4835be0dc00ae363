"""FreshOffice through its OData-like API and through API 2.0 (crm.md 3.2)."""
