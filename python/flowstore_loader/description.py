"""What is said of a flow."""

import contextlib
import functools
import json
import os


def describe_flow(entry, repository):
    from slugify import slugify

    run_config = getattr(entry.flow, "run_config", None)
    image = getattr(run_config, "image", None)
    return {
        "name": entry.flow.name,
        "slug": slugify(entry.flow.name),
        "module": repository.relative(entry.place.path),
        "line": entry.place.line,
        "parameters": sorted(
            (describe_parameter(parameter) for parameter in entry.flow.parameters()),
            key=lambda parameter: parameter["name"],
        ),
        "storage": own_storage(getattr(entry.flow, "storage", None), repository),
        "runImage": image if isinstance(image, str) else None,
        "serialized": None,
    }


def describe_parameter(parameter):
    described = {"name": parameter.name, "required": bool(parameter.required)}
    if not parameter.required:
        with contextlib.suppress(Exception):
            # JSON would turn a tuple into a list, so only what comes back equal is said.
            if json.loads(json.dumps(parameter.default, allow_nan=False)) == parameter.default:
                described["default"] = parameter.default
    return described


STORAGE_OPTIONS = (
    "registry_url image_name image_tag base_image dockerfile dockerignore build_kwargs "
    "python_dependencies env_vars files extra_dockerfile_commands prefect_directory "
    "prefect_version local_image ignore_healthchecks path stored_as_script secrets directory"
).split()


def own_storage(storage, repository):
    """A storage set in a module: its Prefect class, and what is not that class's default."""
    if storage is None:
        return None
    classes = [c for c in type(storage).__mro__ if c.__module__.startswith("prefect.")]
    base = (classes or [type(storage)])[0]
    values, defaults = vars(storage), {}
    with contextlib.suppress(Exception):
        version = values.get("prefect_version")
        # The default of the base image follows from the version.
        defaults = vars(base(prefect_version=version) if version else base())
        if version == vars(base()).get("prefect_version"):
            defaults = dict(defaults, prefect_version=version)
        else:
            defaults = dict(defaults, prefect_version=None)
    options = {}
    for name in STORAGE_OPTIONS:
        value, default = values.get(name), defaults.get(name)
        if isinstance(value, (list, tuple)):
            value = [item for item in value if item not in (default or ())]
        elif isinstance(value, dict):
            value = {k: v for k, v in value.items() if (default or {}).get(k) != v}
        elif value == default:
            continue
        if value in (None, False, "") or value == [] or value == {}:
            continue
        if name == "files" and isinstance(value, dict):
            value = {in_sources(str(k), repository): v for k, v in value.items()}
        elif name in ("dockerfile", "dockerignore") and isinstance(value, str):
            value = in_sources(value, repository)
        elif name == "env_vars" and isinstance(value, dict):
            # As Prefect writes them into its Dockerfile.
            value = {str(k): str(v) for k, v in value.items()}
        with contextlib.suppress(TypeError, ValueError):
            options[name] = json.loads(json.dumps(value))
    if not options and type(storage) is default_storage():
        return None
    return {"type": base.__name__, "options": options}


def in_sources(path, repository):
    """A path relative to the repository, where it lies in it; else as it is."""
    whole = os.path.normpath(os.path.join(repository.root, path))
    if os.path.join(whole, "").startswith(repository.prefix):
        return os.path.relpath(whole, repository.root).replace(os.sep, "/")
    return path


@functools.lru_cache(maxsize=None)
def default_storage():
    """The class of the storage that some releases give a flow that asks for none."""
    import prefect

    return type(getattr(prefect.Flow("flowstore"), "storage", None))
