"""Places outside of the portal, to which data go and from which they come.

Folders of the server, archives, other servers. Each knows how to write and read files
without leading anywhere else; nothing here knows instances or the database.
"""
