"""A script: what is below the guard runs only as a script."""

from prefect import flow


@flow
def guarded():
    return "guarded"


if __name__ == "__main__":
    guarded()
