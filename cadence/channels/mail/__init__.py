"""Mail out: what every e-mail needs, whichever service carries it. Nothing here reaches the network."""
