"""What others reach over the web: the hooks of providers, and the way out of a mail."""
