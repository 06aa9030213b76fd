"""Pseudonyms: patients of a project without who they are.

`names` makes pseudonyms of a key, `keys` keeps the key of each project, and `events`
and `persons` say what is shown of an event and of a person: all else is left out.
"""
