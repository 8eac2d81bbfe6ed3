"""Runs on a Ray cluster. Only `head`, `connection`, `stream` and `task` import Ray.

`pool` starts the head's process, which alone imports them here, beside a worker for jobs; `head` claims runs, `stream`
is one run's events, `task` deals them out where one task trains several, `node` trains.
"""
