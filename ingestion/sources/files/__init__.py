"""Files of any system, mapped by configuration: csv, xlsx, xml, json, ndjson, parquet; in a folder, on FTP or SFTP, or in a mailbox.

Here belong places and formats. What the rows mean is declared in `ingestion.mapped`.
"""
