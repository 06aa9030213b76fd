"""Names of the data that are meant like words nobody here uses: never taken unasked."""
