"""Serves the page: `python app.py`. Everything else is in `playground.ui`."""

if __name__ == "__main__":  # worker processes import this file anew
    import sys

    from models.text import Refusal
    from playground.port import port

    try:
        number = port()
        from playground.ui.launch import serve

        serve(number)
    except Refusal as refusal:  # a setting in the environment that cannot be
        sys.exit(str(refusal))
