"""Mail, for tests that read it: the application sends it in a thread of its own."""

from __future__ import annotations

from django.core import mail

from allforces.accounts import letters


def outbox() -> list[mail.EmailMessage]:
    """All that was sent, once everything asked for so far is written. For a TransactionTestCase: the thread has a
    connection of its own.
    """
    letters.submit(int).result()
    return mail.outbox
