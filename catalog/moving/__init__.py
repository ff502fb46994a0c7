"""Moving in and out: a catalogue as a CSV file, the shop's own kind or Shopify's."""
