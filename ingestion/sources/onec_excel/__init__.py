"""Excel workbooks saved from 1C reports: title and parameters above the header, groups by outline, totals; rows are mapped to feeds."""
