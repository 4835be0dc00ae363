"""The pages: Streamlit, drawn from the same blocks, words and queries as the reports.

Belongs here: layout, navigation, caching, serving. Does not: SQL, business rules, words (reports/words), anything that writes data.
"""
