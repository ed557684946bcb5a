"""The history of one customer, to read and to revert. Knows no rule and no SQL."""
