"""What the matrix of moves needs to know of this app's tables.

Every app with a table has a module of this name: ``IN_STATE[label](state, move, person) -> (obj, data)`` gives an
object in that state for which ``person`` (who has one duty, in the office ``intake``; None: a stranger) lacks nothing
but perhaps the duty and the state; ``UNSAVED[label](person)`` an object about to be made.
"""

from tests.workflow.factories import task_sample, task_unsaved

IN_STATE = {"workflow.assignedtask": task_sample}
UNSAVED = {"workflow.assignedtask": task_unsaved}
