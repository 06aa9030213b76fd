"""Clinical events: the record and the images as one flat table of what happened."""
