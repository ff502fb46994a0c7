"""The page on which developers try the API: GraphiQL with the examples beside it."""
