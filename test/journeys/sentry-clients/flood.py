# A service that fails all the time, and waits for each answer. The argument is how often.
import sys

import sentry_sdk

sentry_sdk.init()
for time in range(1, int(sys.argv[1]) + 1):
    sentry_sdk.capture_message("failure " + "x" * time)
    sentry_sdk.flush(timeout=10)
sentry_sdk.get_client().close(timeout=10)
