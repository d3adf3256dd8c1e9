"""Which modules of the repository flows need as files."""

from .carrying import carried_names
from .problems import problem
from .repository import module_file, shipped_path


def plan_helpers(groups, repository, imports):
    """`(files to ship: path to file, files to carry by value instead, problems)`.

    Two files that would have to lie at one path can't both be shipped: both are carried, and so is
    what imports them. What a carried file imports inside a function has to be shipped all the same.
    """
    by_value = set()
    while True:
        known = len(by_value)
        shipped, problems = ship(groups, repository, imports, by_value)
        if len(by_value) == known:
            return shipped, by_value, problems


def ship(groups, repository, imports, by_value):
    """One pass of plan_helpers; adds to `by_value` what turns out not to be shippable."""
    shipped, problems = {}, []
    for group in groups:
        carried = carried_names(group.modules, repository, by_value)
        queue = []
        for name, module in group.modules.items():
            if module_file(module):
                queue.append((name, module_file(module), name in carried))
        seen = set()
        while queue:
            name, file, is_carried = queue.pop(0)
            if (name, file, is_carried) in seen:
                continue
            seen.add((name, file, is_carried))
            if not is_carried:
                path = shipped_path(name, file)
                other = shipped.setdefault(path, file)
                if other != file and not same_content(other, file):
                    by_value |= {other, file}
            for found, target, line in imports.of(name, file, group.roots, lazy_only=is_carried):
                if target not in by_value:
                    queue.append((found, target, False))
                elif is_carried:
                    text = (
                        "%s imports %s inside a function, and another file of the repository is "
                        "imported by the same name `%s`."
                    ) % (repository.relative(file), repository.relative(target), found)
                    hint = "Import it at the top of the module, or rename one of the two."
                    relative = repository.relative(file)
                    problems.append(problem("NAME_CONFLICT", text, relative, line, hint=hint))
                else:
                    by_value.add(file)
    return shipped, problems


def same_content(one, other):
    with open(one, "rb") as left, open(other, "rb") as right:
        return left.read() == right.read()
