"""What a page says about itself: title, authors, dates, rights, each with where it was found."""
