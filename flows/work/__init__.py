"""The work of each flow as a plain function: flows are thin around them, commands call them without a server."""
