"""What the page asks the server: a file a topic; see `playground.ui.registry`."""
