"""What the server bears, tried: odd values and archives that are made to harm."""
