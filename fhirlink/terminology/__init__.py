"""Code systems that an operator loads: what codes are called, and what is above."""
