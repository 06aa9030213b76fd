"""The parts that a machine without servers needs: PostgreSQL, Redis, workers, web."""
