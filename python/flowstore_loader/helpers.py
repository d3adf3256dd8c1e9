"""Which modules of the repository flows need as files."""

import importlib.machinery

from .carrying import carried_names
from .problems import problem
from .repository import prefixes, shipped_path


def plan_helpers(groups, repository, imports):
    """`(files to ship: path to file, files to carry by value instead, problems)`.

    Two files that would have to lie at one path can't both be shipped, nor can a file by whose name
    another flow module imports something else: they are carried, and so is what imports them. What a
    carried file imports inside a function has to be shipped all the same.
    """
    by_value, foreign = set(), foreign_names(groups, imports, repository)
    while True:
        known = len(by_value)
        shipped, problems = ship(groups, repository, imports, by_value, foreign)
        if len(by_value) == known:
            return shipped, by_value, problems


def ship(groups, repository, imports, by_value, foreign):
    """One pass of plan_helpers; adds to `by_value` what turns out not to be shippable."""
    shipped, placed, problems = {}, [], []
    for group in groups:
        carried = carried_names(group.modules, repository, by_value)
        queue = []
        for name, module in group.modules.items():
            if repository.module_file(module):
                queue.append((name, repository.module_file(module), name in carried))
        seen = set()
        while queue:
            name, file, is_carried = queue.pop(0)
            if (name, file, is_carried) in seen:
                continue
            seen.add((name, file, is_carried))
            if not is_carried:
                path = shipped_path(name, file)
                placed.append((name, path, file))
                other = shipped.setdefault(path, file)
                if other != file and not same_content(other, file):
                    by_value |= {other, file}
            for found, target, line in imports.of(name, file, group.roots, lazy_only=is_carried):
                if target not in by_value:
                    queue.append((found, target, False))
                elif is_carried:
                    text = (
                        "%s imports %s inside a function, and another flow module imports "
                        "something else by the same name `%s`."
                    ) % (repository.relative(file), repository.relative(target), found)
                    hint = "Import it at the top of the module, or rename one of the two."
                    relative = repository.relative(file)
                    problems.append(problem("NAME_CONFLICT", text, relative, line, hint=hint))
                else:
                    by_value.add(file)
    by_value |= ambiguous(placed, foreign)
    return shipped, problems


def ambiguous(placed, foreign):
    """The files of `[(name, path, file)]` whose name, or a package's of theirs, has another meaning."""
    meanings = {}
    for name, path, file in placed:
        own = "package" if "/__init__." in path else path
        for package in prefixes(name):
            meaning = own if package == name else "package"
            meanings.setdefault(package, []).append((meaning, file))
    return {
        file
        for name, found in meanings.items()
        if name in foreign or len({meaning for meaning, _ in found}) > 1
        for _, file in found
    }


def foreign_names(groups, imports, repository):
    """Top-level names by which modules import, or have loaded, what is not the repository's."""
    names = set()
    for group in groups:
        names |= group.foreign
        files = [(name, repository.module_file(module)) for name, module in group.modules.items()]
        reached = imports.reach([item for item in files if item[1]], group.roots)
        targets = [target for item in reached for _, target in imports.targets(*item)]
        packages = {target.partition(".")[0] for target in targets} - names
        names.update(package for package in packages if is_foreign(package, group, imports))
    return names


def is_foreign(package, group, imports):
    if any(imports.find(package, group.roots)):
        return False
    return importlib.machinery.PathFinder.find_spec(package) is not None


def same_content(one, other):
    with open(one, "rb") as left, open(other, "rb") as right:
        return left.read() == right.read()
