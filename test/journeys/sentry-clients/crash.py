# A service that nobody has looked after: it ends of what nobody has caught.
import sentry_sdk

sentry_sdk.init()


def open_shop():
    raise ZeroDivisionError("The shop has no door.")


open_shop()
