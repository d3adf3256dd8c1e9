"""What both packages use."""

import inflection


def table(name):
    return inflection.pluralize(inflection.underscore(name))
