"""What comes in: messages, receipts and calls, the same from a webhook as from a poll."""
