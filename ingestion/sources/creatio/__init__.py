"""Creatio, Terrasoft, bpm'online and BPMSoft over OData 4 or 3 (crm.md 3.1)."""
