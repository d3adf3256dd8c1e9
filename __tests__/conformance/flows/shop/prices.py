def with_tax(price):
    return round(price * 1.19)
