"""What commands show a person in a terminal: lines, progress bars and tables."""
