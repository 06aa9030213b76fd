"""Commands of cohorts."""
