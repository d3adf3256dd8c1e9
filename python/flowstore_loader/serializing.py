"""Pickles flows."""

import contextlib
import functools

from .carrying import carried_names, carrying, giving_imports, settle, sharing_dumps, strangers
from .pickles import culprit
from .problems import error_text, problem, traceback_text, user_frames


def serialize(entry, repository, imports, by_value, protocol):
    """`(pickle, None)` or `(None, problem)`."""
    modules = entry.group.modules
    carried = carried_names(modules, repository, by_value)
    dumps = functools.partial(sharing_dumps, protocol=protocol)
    with contextlib.ExitStack() as stack:
        finder = stack.enter_context(giving_imports(entry, imports, by_value is None))
        stack.enter_context(carrying(modules, carried, strangers(entry, repository, imports)))
        try:
            settle(finder, dumps)
            return dumps(entry.flow), None
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            where = [culprit(entry.flow, dumps), error_text(error)]
            where = repository.shorten(": ".join(part for part in where if part))
            detail = repository.shorten(traceback_text(error, user_frames(error, repository)))
    text = 'Flow "%s" can\'t be pickled: %s' % (entry.flow.name, where)
    hint = "Make such a value inside the task's function, when it runs."
    file = repository.relative(entry.place.path)
    return None, problem("FLOW_SERIALIZE", text, file, entry.place.line, detail, hint)
