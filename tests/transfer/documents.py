"""Documents in the shapes of the archive, in our own words."""

SEED = """---
layout: post
title: "**計算センター三社の提携、そのねらいは？**"
date: 2026-11-04 16:40:22 +0000
categories: ["投資分析"]
tags: ["AI", "最新ニュース", "技術動向", "計算センター", "電力", "投資", "チップ"]
author: "ALLFORCES編集部"
excerpt: "計算センター三社の提携について詳細に分析します。"
reading_time: 8
---

**計算センター三社の提携、そのねらいは？**

三社は電力を分け合う。**「分け合う」**が要点だ。

二つ目の段落。

---END---二つ目の段落の続き。

---END---
"""


def document(**keys: str) -> str:
    """A whole, plain document; a keyword replaces or adds a line of front matter, None removes one."""
    lines = {
        "layout": "post",
        "title": '"見出し"',
        "date": "2026-11-04 09:00:00 +0900",
        "categories": '["AI最新ニュース"]',
        "tags": '["AI"]',
        "author": '"ALLFORCES編集部"',
        "excerpt": '"要点です。"',
    }
    body = keys.pop("body", "本文です。")
    lines |= keys
    head = "\n".join(f"{key}: {value}" for key, value in lines.items() if value is not None)
    return f"---\n{head}\n---\n\n{body}\n"
