"""The benchmarks: ``python -m benchmarks`` prints the table. What is measured, and how, is in ``README.md``."""
