"""What a shop needs before messages can leave, looked at piece by piece: what is fine, what is not, what to do."""
