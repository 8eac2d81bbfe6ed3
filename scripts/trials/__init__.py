"""What the server bears, tried, each ending by itself: `fuzz` in this process; on a server `attack`, `kill`, `load`."""
