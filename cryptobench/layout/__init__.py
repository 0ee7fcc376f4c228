"""How tables, pages and figures look, whatever they show."""
