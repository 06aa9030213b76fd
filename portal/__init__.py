"""The Django project, and what spans all apps."""
