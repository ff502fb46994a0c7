"""A few examples and the smallest API that answers them, so that the page is tried by itself."""
