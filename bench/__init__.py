"""Load and figures: what the service does with a million customers. Not part of what runs."""
