"""Intake of manuscripts: uploads, API with tokens, watched folder."""
