"""A finished experiment passed on with its results: tables, card, report, archive, and a folder for a Space."""
