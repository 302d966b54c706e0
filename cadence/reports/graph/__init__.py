"""A playbook as a picture: its stages, the ways between them, and the touches of each."""
