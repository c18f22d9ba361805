"""What a run did, source by source, and which sources need attention."""
