"""Replies and refusals of text generators that were left in an article.

Only what a generator says of its own work counts: a reply goes on with the text that it is about to write, a refusal with
what cannot be written or looked up. An apology or 「承知しました」 alone is news, a mail or a matter of style, and what an article
quotes stands behind a quotation mark. Everything that may repeat is bounded, so that hostile text costs linear time.
"""

from __future__ import annotations

import re


def _any(*alternatives: str) -> str:
    return f"(?:{'|'.join(alternatives)})"


def _words(words: str) -> str:
    return _any(*words.split())


# In Japanese a sentence names the text, and then what is done with it.
_REPLY = (
    r"(?:承知(?:いた|致)?しました|かしこまりました|了解(?:いた|致)?しました|[分わ]かりました|もちろんです|お任せください)(?:[。、！!]|(?=[\s*]))"
    r"(?:\*\*)?(?:(?:では|それでは)?、?(?:書き|執筆し|続け)ます|(?:[^。\n]{0,200}。){0,2}?\s{0,3}"
    r"(?>[^。\n]{0,150}?(?:記事|続き|本文|文章|原稿|下書き|見出し|コラム|ブログ|リード文|テーマ|以下))[^。\n]{0,150}?"
    + _any(
        r"(?:執筆|作成|生成|出力|リライト|要約|翻訳|校正|修正|提案|紹介|展開)"
        r"[をお]?(?:し|いたし|致し|させていただき)?(?:ます|ましょう|ました)",
        r"(?:書き(?:上げ|直し|進め)?|まとめ|続け|お届けし|ご用意し|締めくくり|仕上げ|完成させ|掘り下げ)(?:ます|ましょう|ました)",
        r"(?:記事|本文|文章|原稿|続き|下書き)(?:です|になります)",
    )
    + ")"
)
_APOLOGY = r"(?:申し訳(?:あり|ござい)ません|すみません|恐れ入ります)(?:が|けれども?)?[、。]?"
_REFUSAL = _APOLOGY + _any(
    r"(?>[^。\n]{0,120}?(?:記事|情報|検索|ウェブ|インターネット|リアルタイム|リクエスト|ご要望|ご依頼|ご指示|コンテンツ|言語モデル|AIとして))"
    r"[^。\n]{0,80}?(?:(?:書け|見つけられ|見つかり|得られ)(?:ません|な[いか])"
    r"|(?:書く|執筆|作成|生成|提供|検索|閲覧|参照|取得|アクセス|見つけ|[答応]え|応じ|回答|手伝|要約|特定|対応)"
    r"[^。\n]{0,20}?(?:(?:でき|出来)(?:ません|な[いか]|ず)|かね|(?:\.{3}|…)$))",
    r"[^。\n]{0,40}?(?:書け(?:ません|ない)"
    r"|(?:お手伝い|お[答応]え|執筆|作成|生成)(?:する)?(?:こと[がは])?(?:でき(?:ません|ない)|いたしかね|しかね))",
    r"「[^」\n]{0,120}」に(?:関する|ついて)?[^。\n]{0,20}(?:\.{3}|…)$",  # a title that was cut off
)

_I_AM = r"(?<![A-Za-z])I(?: am|[’']m)"
_CANNOT = r"(?<![A-Za-z])I (?:can ?not|can[’']t|could not|couldn[’']t|was (?:unable|not able) to)"
_WORKS = _words("perform provide access search fulfil assist comply browse complete generate create")
_WRITES = _words("write rewrite continue create draft generate translate summari[sz]e revise help")
_TEXT = _words("article post text draft translation summary continuation outline version rewrite essay")
_REPLY_IN_ENGLISH = r"(?:Sure|Certainly|Of course|Absolutely)(?: thing)?[,!.]\s" + _any(
    rf"Here(?:[’']s| is| are)\s[^.\n]{{0,60}}?\b{_TEXT}s?\b",
    rf"I(?:[’']ll| will| can) {_WRITES}\b",
    r"I(?:[’']d| would) be (?:happy|glad) to\b",
)
_SORRY = rf"(?:{_I_AM} (?:very |so )?sorry|I apologi[sz]e|Sorry|Unfortunately|As an AI\b)[^.\n]{{0,60}}?"
_UNABLE = rf"{_I_AM} (?:currently )?(?:unable|not able) to {_WORKS}"
_REFUSAL_IN_ENGLISH = _any(
    _UNABLE,
    rf"{_SORRY}{_I_AM} (?:currently )?(?:unable|not able)\b",  # a title may have been cut off here
    rf"{_SORRY}{_CANNOT} {_any(_WORKS, _WRITES, 'find', 'answer', 'discuss', 'process')}",
    rf"{_SORRY}\bI (?:do not|don[’']t) have (?:access|the ability|real-time|up-to-date|information)",
    rf"{_CANNOT} (?:fulfil|assist with|comply with|browse)",
)

REPLY = re.compile(
    r"^[^\S\n]*(?:\*\*)?(?:(?:はい|ええ|もちろん(?:です)?|了解(?:です|しました)?)[、。！!]?[^\S\n]*)?"
    rf"(?:{_REPLY}|(?<=ええ、|ろん、)承知(?:いた|致)?しました[。！]|{_REPLY_IN_ENGLISH})",  # no mail begins with ええ
    re.MULTILINE,
)
"""A line in which a generator says that it will write now."""
ACKNOWLEDGEMENT = re.compile(
    r"(?:\A[*\s]*|】\n{1,3}(?:\*\*)?)"
    r"(?P<said>(?:(?:はい|ええ|もちろん(?:です)?)[、。！!]?\s?)?(?:承知(?:いた|致)?しました|かしこまりました)[。！!]?(?:\*\*)?)"
    r"[^\S\n]*\n[^\S\n]*\n"
)
"""A paragraph that says nothing but that a generator has understood: at the beginning of a text, or below a prompt."""
REFUSAL = re.compile(
    rf"[*#\s]*(?P<said>(?:(?:はい|大変)、?)?{_REFUSAL}|{_REFUSAL_IN_ENGLISH})", re.IGNORECASE
)
"""A refusal with which a title or text begins."""
UNABLE = re.compile(_UNABLE, re.IGNORECASE)
"""A refusal anywhere in a title."""
QUOTED = re.compile(r"「[^「」]*」|『[^『』]*』|“[^“”]*”|\"[^\"]*\"|‘[^‘’]*’|（[^（）]*）|\([^()]*\)")
REFUSAL_SLUG = re.compile(
    r"^(?:\d+-)*(?:as-an-ai(?:-[a-z]+){0,3}-)?"
    + _any(
        rf"i-a?m-(?:currently-)?(?:unable|not-able)-to-{_WORKS}",
        r"i-(?:a?m-sorry|apologi[sz]e)-but-(?:i-a?m-(?:currently-)?(?:unable|not-able)"
        rf"|i-(?:cannot|can-?t|could-not|was-unable-to)-{_any(_WORKS, _WRITES)}|i-(?:do-not|don-?t)-have-access|as-an-ai-)",
        r"i-(?:cannot|can-?t)-(?:fulfil|assist-with|comply-with)",
    )
)
"""A refusal that became a file's name, perhaps cut off."""
HINT = re.compile(
    r"承知|かしこまり|了解|かりました|もちろんです|お任せください|申し訳|すみません|恐れ入ります"
    r"|\b(?:Sure|Certainly|Of course|Absolutely|Sorry|Unfortunately|As an AI|I(?:[’']m|[’']d| am| can| could| was| apolog))",
    re.IGNORECASE,
)
"""What a text has that may hold one of them."""
