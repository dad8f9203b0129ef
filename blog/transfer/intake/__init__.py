"""Intake of manuscripts from people and machines: uploads, the API and its tokens, a watched folder."""
