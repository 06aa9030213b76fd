"""Criteria run: compiled to SQL on the event table, counted, and found."""
