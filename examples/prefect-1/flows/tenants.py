"""One module, several flows: made by a function, kept in a dict."""

from prefect import Flow, Parameter, task


@task
def count_rows(rows):
    return len(rows)


@task
def report(tenant, count):
    return "%s: %d rows" % (tenant, count)


def export_flow(tenant):
    with Flow("export " + tenant) as flow:
        rows = Parameter("rows", default=[1, 2, 3])
        report(tenant, count_rows(rows))
    return flow


FLOWS = {tenant: export_flow(tenant) for tenant in ("acme", "globex", "initech")}
