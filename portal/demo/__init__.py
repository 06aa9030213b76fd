"""A small demo hospital: its stories, its images, and how they are loaded."""
