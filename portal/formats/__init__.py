"""How pages write times: as ISO 8601 does, in UTC."""
