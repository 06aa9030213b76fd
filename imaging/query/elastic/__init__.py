"""Searching in Elasticsearch (decision 0022): the only part that knows it."""
