"""Which 1C objects and fields hold each stream in each configuration.

What belongs here: names of objects and attributes as the configurations have them, in candidates, most usual first. What does not:
how they are read (streams) and what they mean (dbt).
"""
