"""The few statements in which database engines differ when raw files are loaded. No business meaning here."""
