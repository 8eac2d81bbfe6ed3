"""Train, look at, export and run the architectures of `models`. Everything but the page."""

__version__ = "0.2"
