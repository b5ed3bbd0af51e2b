"""Words so frequent that they tell nothing: neither indexed nor looked for. Folded: ё is е."""

_WORDS = """
а бы в во вот да для до ее ей ему если же за и из или им их к как ко ли на над не него нее ней нем ни них
но о об обо от ото по под при про с со та так те то тот ту ты у уж эта эти это этот я
"""
STOP_WORDS = frozenset(_WORDS.split())
