"""Whose turn it is: the SQL by which workers take what is queued. Knows the tables of `playground.database` alone.

A run takes as many of the machine's threads as its recipe says. One that asks for more than are free waits, and those
behind it with it, or it would wait for ever; where nothing runs it may have them, however many it wants.
"""

# A variant's own recipe comes first; it spells its numbers.
_THREADS = (
    "coalesce((SELECT CAST(coalesce(json_extract(json, '$.variants[' || {run}.variant || '].recipe.threads'),"
    " json_extract(json, '$.recipe.threads')) AS INTEGER)"
    " FROM experiment WHERE id = {run}.experiment AND json_valid(json)), 1)"
)
_NEXT = (
    "SELECT id FROM run AS mine WHERE state = 'queued' AND coalesce(worker, :worker) = :worker ORDER BY"
    " (SELECT count(*) FROM run WHERE owner = mine.owner AND state = 'running'),"
    " (SELECT coalesce(max(turn), 0) FROM run WHERE owner = mine.owner),"
    " (SELECT count(*) FROM run WHERE experiment = mine.experiment AND state = 'running'),"
    " position LIMIT 1"
)
_TAKEN = f"(SELECT sum({_THREADS.format(run='going')}) FROM run AS going WHERE state = 'running')"

# :worker, :now (seconds since 1970), :clock (of the machine's steady clock), :threads (null: any number)
RUN = (
    "UPDATE run SET state = 'running', worker = :worker, started = :now, begun = :clock,"
    f" turn = (SELECT coalesce(max(turn), 0) + 1 FROM run) WHERE state = 'queued' AND id = ({_NEXT})"
    f" AND coalesce({_TAKEN} + {_THREADS.format(run='run')} <= :threads, 1) RETURNING *"
)
# :worker
JOB = (
    "UPDATE job SET state = 'running', worker = :worker WHERE state = 'queued' AND id = ("
    "SELECT id FROM job AS mine WHERE state = 'queued' ORDER BY"
    " (SELECT count(*) FROM job WHERE owner = mine.owner AND state = 'running'), position LIMIT 1) RETURNING *"
)
