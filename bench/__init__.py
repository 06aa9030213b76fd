"""Benchmarks: the portal and Orthanc side by side, on one machine, in one run."""
