"""Sections of the old site: their URL slugs and former names."""

SLUGS = {
    "AI最新ニュース": "latest",
    "AI技術ガイド": "tech",
    "AI導入戦略": "strategy",
    "業界別AI活用": "analysis",
    "導入事例": "implementation",
    "研究論文": "research",
}
RENAMED = {
    "最新動向": "AI最新ニュース",
    "技術解説": "AI技術ガイド",
    "業界分析": "業界別AI活用",
    "実装事例": "導入事例",
    "投資分析": "AI導入戦略",
}
