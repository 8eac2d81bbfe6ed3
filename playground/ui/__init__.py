"""The page: the only package that imports gradio, and what it needs to say and show."""
