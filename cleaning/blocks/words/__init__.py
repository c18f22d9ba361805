"""What the words of class names and of short lines say about a block."""
