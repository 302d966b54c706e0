"""Telling colleagues what cannot wait: which alerts are still of use, in what words, and each of them once."""
