"""The Arrow schemas and the data dictionary, both read off cleaning/records.py."""
