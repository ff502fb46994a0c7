"""Who may do what: the rules, their table, and the refusal of what has none."""
