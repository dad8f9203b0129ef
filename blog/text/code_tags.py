"""Code between tags of Jekyll, Octopress, Hexo and Hugo, which becomes a code block: `{% highlight %}`,
`{% codeblock %}`, `{{< highlight >}}`, `{{< code >}}`; and `{% raw %}`, whose text keeps its template tags.

A tag that does not end is no code, so that nothing gets lost.
"""

import re
from bisect import bisect_left

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.utils import EnvType

from blog.text.dialects import Hiding, Reason
from blog.text.fences import given_title
from blog.text.house_rules import HouseRules
from blog.text.positions import hide_lines, mark

_TAG = re.compile(
    r"\{%-?[ \t]{0,9}(?P<liquid>highlight|codeblock|code)(?=[\s%-])(?P<of_liquid>[^\n]{0,500}?)-?%\}"
    r"|\{\{[<%][ \t]{0,9}(?P<hugo>highlight|code)(?=[\s>%])(?P<of_hugo>[^\n]{0,500}?)(?<!/)[>%]\}\}"
)
_CLOSINGS = {
    name: re.compile(
        rf"\{{%-?[ \t]{{0,9}}end{name}[ \t]{{0,9}}-?%\}}|\{{\{{[<%][ \t]{{0,9}}/[ \t]{{0,9}}{name}[ \t]{{0,9}}[>%]\}}\}}"
    )
    for name in ("highlight", "codeblock", "code", "raw")
}
RAW_TAG = re.compile(r"\{%-?[ \t]{0,9}raw[ \t]{0,9}-?%\}")
_RAW_CODE = re.compile(rf"\s*{RAW_TAG.pattern}(?:[ \t]*\n)?(.*)(?:{_CLOSINGS['raw'].pattern})\s*", re.DOTALL)
_LANGUAGE = re.compile(r"\b(?:lang|language)[:=][\"']?([\w+#.-]+)")


def code_tags(md: MarkdownIt, rules: HouseRules) -> None:
    """markdown-it plugin: install the rules of this module."""
    rules.add_block("{", _code_tag)
    rules.add_block("{", _raw_lines)
    rules.add_inline("{", _code_within)
    rules.add_inline("{", _raw)


def find_end(env: EnvType, src: str, closing: re.Pattern[str], pos: int) -> re.Match[str] | None:
    """Find the first `closing` from `pos` on. Remembered: openings without an end cost one search, not one each."""
    known = env.setdefault("ends", {})
    known_src, asked, found = known.get(closing, ("", 0, None))
    if known_src is not src or asked > pos or (found and found.start() < pos):
        found = closing.search(src, pos)
        known[closing] = (src, pos, found)
    match: re.Match[str] | None = found
    return match


def code_end(env: EnvType, src: str, pos: int, limit: int) -> int:
    """End of the code between tags that begins at `pos`; 0 when there is none that ends before `limit`."""
    tag = _TAG.match(src, pos, limit)
    name = (tag["liquid"] or tag["hugo"]) if tag else "raw"
    opening = tag or RAW_TAG.match(src, pos, limit)
    closing = opening and find_end(env, src, _CLOSINGS[name], opening.end())
    return closing.end() if closing and closing.end() <= limit else 0


def _code_tag(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    start = state.bMarks[startLine] + state.tShift[startLine]
    tag = _TAG.match(state.src, start, state.eMarks[startLine])
    closing = tag and find_end(state.env, state.src, _CLOSINGS[tag["liquid"] or tag["hugo"]], tag.end())
    if not tag or not closing or closing.end() > state.eMarks[endLine - 1]:
        return False
    last = bisect_left(state.eMarks, closing.end(), startLine, endLine)
    if state.src[closing.end() : state.eMarks[last]].strip(" \t"):
        return False
    if silent:
        return True
    lines = range(startLine, last + 1)
    begin, indent = state.bMarks[last] + state.tShift[last], state.sCount[startLine]
    if last == startLine:
        code = state.src[tag.end() : closing.start()].strip() + "\n"
    else:
        first, end = state.src[tag.end() : state.eMarks[startLine]], state.src[begin : closing.start()]
        code = (f"{first.strip()}\n" if first.strip() else "") + state.getLines(
            startLine + 1, last, indent, True
        )
        code += f"{end}\n" if end else ""
    state.line = last + 1
    token = state.push("fence", "code", 0)
    within = _RAW_CODE.fullmatch(code)
    token.content, token.map = within[1].rstrip(" \t\n") + "\n" if within else code, [startLine, state.line]
    token.info = _info(tag["liquid"] or "", tag["of_liquid"] or tag["of_hugo"] or "")
    token.meta["spans"] = tuple((state.bMarks[n] + state.tShift[n], state.eMarks[n]) for n in lines)
    return True


def _code_within(state: StateInline, silent: bool) -> bool:
    """A code tag within a line of text: code within the line."""
    tag = _TAG.match(state.src, state.pos, state.posMax)
    closing = tag and find_end(state.env, state.src, _CLOSINGS[tag["liquid"] or tag["hugo"]], tag.end())
    if not tag or not closing or closing.end() > state.posMax:
        return False
    if not silent:
        token = state.push("code_inline", "code", 0)
        token.content, token.markup = " ".join(state.src[tag.end() : closing.start()].split()), "`"
        mark(state, tag.start(), closing.end(), token=token)
    state.pos = closing.end()
    return True


def _info(tag: str, said: str) -> str:
    """Write what a tag says of its code as the info string of a fence."""
    words = said.split()
    if known := _LANGUAGE.search(said):
        language = known[1]
    else:
        language = words[0].strip("\"'") if words and tag != "codeblock" and "=" not in words[0] else ""
    name = given_title(said)
    if name is None:
        count = next((at for at, word in enumerate(words) if re.search("[:=]", word)), len(words))
        name = " ".join(words[:count]) if tag == "codeblock" else ""
    return f'{language} title="{name}"'.replace("\\", "") if name and '"' not in name else language


def _raw_lines(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """`{% raw %}` and `{% endraw %}` on lines of their own: what is between them is Markdown, without template tags."""
    start = state.bMarks[startLine] + state.tShift[startLine]
    if state.env.get("is_raw"):
        return False
    tag = RAW_TAG.match(state.src, start, state.eMarks[startLine])
    closing = tag and find_end(state.env, state.src, _CLOSINGS["raw"], tag.end())
    if not tag or not closing or closing.end() > state.eMarks[endLine - 1]:
        return False
    last = bisect_left(state.eMarks, closing.end(), startLine, endLine)
    around = (tag.end(), state.eMarks[startLine]), (closing.end(), state.eMarks[last])
    is_alone = closing.start() == state.bMarks[last] + state.tShift[last]
    if last == startLine or not is_alone or any(state.src[slice(*part)].strip(" \t") for part in around):
        return False
    if silent:
        return True
    hiding: Hiding = state.env["hiding"]
    for line in (startLine, last):
        hide_lines(state, line, line + 1)
        words = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
        hiding.note(Reason.TEMPLATE, line, line, words)
    known, lineMax = len(state.tokens), state.lineMax
    state.lineMax, state.line, state.env["is_raw"] = last, startLine + 1, True
    state.md.block.tokenize(state, startLine + 1, last)
    state.lineMax, state.line, state.env["is_raw"] = lineMax, last + 1, False
    for token in state.tokens[known:]:
        if token.type == "inline":
            token.meta["is_raw"] = True
    return True


def _raw(state: StateInline, silent: bool) -> bool:
    if not (tag := RAW_TAG.match(state.src, state.pos, state.posMax)):
        return False
    closing = find_end(state.env, state.src, _CLOSINGS["raw"], tag.end())
    if not closing or closing.end() > state.posMax or "\n" in state.src[tag.end() : closing.start()]:
        return False
    if not silent:
        mark(state, tag.start(), tag.end(), reason=Reason.TEMPLATE)
        state.append_pending(state.src[tag.end() : closing.start()])
        mark(state, closing.start(), closing.end(), reason=Reason.TEMPLATE)
    state.pos = closing.end()
    return True
