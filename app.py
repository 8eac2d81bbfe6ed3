"""Serves the page: `python app.py`. Everything else is in `playground.ui`."""

if __name__ == "__main__":  # worker processes import this file anew
    from playground.ui.launch import serve

    serve()
