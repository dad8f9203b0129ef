"""Every transition of a post: permission, rules, one transaction, one line in the log.

`by` is the user who acts, or None for the house itself (imports, scheduled updates). `now` is an aware moment.
Doors call `publishing.publish(...)`; only this package, by `Content.assign`, changes what readers see.
"""

from blog.publishing.common import WrongState
from blog.publishing.debut import Debut, publish_new
from blog.publishing.readiness import NotReady, Problems, addressed, check_ready, check_text
from blog.publishing.release import apply_due, booked, publish, replace_booked, unschedule, withdraw
from blog.publishing.rerendering import rerender, rerender_all
from blog.publishing.review import approve, send_back, submit, withdraw_request
from blog.publishing.writing import (
    BIN_DAYS,
    EditConflict,
    assign,
    create,
    discard,
    drop_draft,
    request_followed,
    restore,
    save,
    save_draft,
    take_back,
    take_in,
)

__all__ = [
    "BIN_DAYS",
    "Debut",
    "EditConflict",
    "NotReady",
    "Problems",
    "WrongState",
    "addressed",
    "apply_due",
    "approve",
    "assign",
    "booked",
    "check_ready",
    "check_text",
    "create",
    "discard",
    "drop_draft",
    "publish",
    "publish_new",
    "replace_booked",
    "request_followed",
    "rerender",
    "rerender_all",
    "restore",
    "save",
    "save_draft",
    "send_back",
    "submit",
    "take_back",
    "take_in",
    "unschedule",
    "withdraw",
    "withdraw_request",
]
