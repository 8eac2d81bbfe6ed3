"""The model family: a frozen configuration and the transformer it describes. Knows nothing of data, training or pages."""
