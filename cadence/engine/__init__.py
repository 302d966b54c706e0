"""The pure engine: facts and plans in, decisions out."""
