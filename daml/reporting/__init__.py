"""Results for people: tables, plots and clips."""
