from prefect import flow


@flow
def never_parsed(:
    return 1
