"""The Arrow schemas and the data dictionary, both derived from cleaning/records."""
