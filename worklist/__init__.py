"""Work to be done on images and the record: one list for people and machines."""
