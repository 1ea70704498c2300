# A service as its developers wrote it for Sentry: all it is told is SENTRY_DSN and the like.
import sentry_sdk

sentry_sdk.init()
sentry_sdk.set_user({"id": "7", "email": "jane@example.com"})
sentry_sdk.set_tag("feature", "checkout")
sentry_sdk.add_breadcrumb(category="cart", message="paid with 4111 1111 1111 1111", level="info")


def place_order(order):
    password = "hunter2"
    return order["items"], password


def checkout():
    try:
        place_order({})
    except KeyError as cause:
        raise ValueError("Checkout of order 12345 failed for jane@example.com") from cause


try:
    checkout()
except ValueError as error:
    sentry_sdk.capture_exception(error)
sentry_sdk.capture_message("Stock of jane@example.com is low, token=abc123def456", level="warning")
sentry_sdk.get_client().close(timeout=10)
