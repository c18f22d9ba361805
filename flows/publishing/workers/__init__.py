"""Pages cleaned in processes of their own."""
