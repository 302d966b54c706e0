"""What the shop reads: previews of what would go out, and numbers of what did."""
