"""What came in is understood: who it is from, what it means, and what follows, recorded like any other fact."""
