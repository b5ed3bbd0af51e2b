"""Surveys and votes: what people ask of the platform, and what it does for them (Положение, разд. 9)."""
