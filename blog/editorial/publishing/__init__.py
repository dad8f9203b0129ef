"""Publishing workflow: every state transition of a post, with permission check, rules, one transaction and a log line.

`by` is the `Actor`: a person or a named process (import, scheduled update). `now` is an aware datetime.
Views and commands call `publishing.publish(...)`; only this package, through `Content.write_columns`, changes the live
columns of a post.
"""

from blog.editorial.publishing.bulk import NewPost, publish_new
from blog.editorial.publishing.common import ChangedMeanwhile, WrongState
from blog.editorial.publishing.drafts import SentDraft, drop_draft, forget_saved, keep_draft, open_drafts
from blog.editorial.publishing.readiness import NotReady, addressed, check_ready, check_text, find_not_shown
from blog.editorial.publishing.release import (
    planned_release,
    publish,
    replace_planned,
    state_token,
    unschedule,
    withdraw,
)
from blog.editorial.publishing.rerendering import rerender, rerender_all
from blog.editorial.publishing.review import approve, send_back, submit, withdraw_request
from blog.editorial.publishing.scheduled import apply_due
from blog.editorial.publishing.settling import block_anew, live_defects, settle
from blog.editorial.publishing.writing import (
    BIN_DAYS,
    EditConflict,
    assign,
    create,
    discard,
    import_revision,
    request_followed,
    restore_from_trash,
    restore_revision,
    save,
)

__all__ = [
    "BIN_DAYS",
    "ChangedMeanwhile",
    "EditConflict",
    "NewPost",
    "NotReady",
    "SentDraft",
    "WrongState",
    "addressed",
    "apply_due",
    "approve",
    "assign",
    "block_anew",
    "check_ready",
    "check_text",
    "create",
    "discard",
    "drop_draft",
    "find_not_shown",
    "forget_saved",
    "import_revision",
    "keep_draft",
    "live_defects",
    "open_drafts",
    "planned_release",
    "publish",
    "publish_new",
    "replace_planned",
    "request_followed",
    "rerender",
    "rerender_all",
    "restore_from_trash",
    "restore_revision",
    "save",
    "send_back",
    "settle",
    "state_token",
    "submit",
    "unschedule",
    "withdraw",
    "withdraw_request",
]
