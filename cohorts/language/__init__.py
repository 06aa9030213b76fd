"""Questions in English: to criteria, and criteria to English."""
