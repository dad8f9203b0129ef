"""Parser rules that begin with certain characters, tried only there: markdown-it tries each of its rules everywhere."""

from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

BlockRule = Callable[[StateBlock, int, int, bool], bool]
InlineRule = Callable[[StateInline, bool], bool]


class HouseRules:
    """Rules by their first character, in the order in which they were added; installed as one rule each for blocks and
    for inline text."""

    def __init__(self, md: MarkdownIt) -> None:
        self._blocks: dict[str, list[BlockRule]] = {}
        self._inlines: dict[str, list[InlineRule]] = {}
        md.block.ruler.before(
            "leftover_line", "house", self._block, {"alt": ["paragraph", "reference", "blockquote", "list"]}
        )
        md.inline.ruler.before("leftover", "house", self._inline)

    def add_block(self, signs: str, rule: BlockRule) -> None:
        """Add a rule for lines that begin with one of `signs` and are no indented code."""
        for sign in signs:
            self._blocks.setdefault(sign, []).append(rule)

    def add_inline(self, signs: str, rule: InlineRule) -> None:
        for sign in signs:
            self._inlines.setdefault(sign, []).append(rule)

    def _block(self, state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
        start = state.bMarks[startLine] + state.tShift[startLine]
        rules = self._blocks.get(state.src[start : start + 1])
        if not rules or state.is_code_block(startLine):
            return False
        for rule in rules:  # noqa: SIM110  # `any` takes twice as long
            if rule(state, startLine, endLine, silent):
                return True
        return False

    def _inline(self, state: StateInline, silent: bool) -> bool:
        rules = self._inlines.get(state.src[state.pos])
        if rules:
            for rule in rules:
                if rule(state, silent):
                    return True
        return False
