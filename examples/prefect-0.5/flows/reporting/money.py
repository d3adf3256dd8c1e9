"""Amounts as a reader sees them."""


def rounded(amount):
    return round(amount, 2)


def euros(amount):
    return "%.2f EUR" % rounded(amount)
