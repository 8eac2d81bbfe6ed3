"""The model family.

A frozen configuration and the transformer it describes. Knows nothing of data, training or pages.
"""
