"""Plans cells, runs them on workers, stores what they return."""
