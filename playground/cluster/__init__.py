"""Runs on a Ray cluster. Only `head`, `connection` and `stream` import Ray, and only the head's process imports them.

`pool` starts that process beside a worker for jobs; `head` claims runs, `stream` is one run's events, `node` trains.
"""
