"""Questions across images and the clinical record."""
