"""UIS, CoMagic, Novofon, CallGear: calls of the Data API. What they mean belongs to dbt."""
