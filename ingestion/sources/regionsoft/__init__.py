"""RegionSoft CRM: its Firebird database, read only, or its XML files; both by mapping, for no data dictionary is public (crm.md 3.3)."""
