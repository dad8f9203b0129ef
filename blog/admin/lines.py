"""Form field and widget for lists that are typed as text, one item per line."""

from django.core.exceptions import ValidationError

from blog.models.taxonomy import label_and_target_lines


def check_lines(text: str, *, example: str) -> list[tuple[int, str, str]]:
    """Parse lines of 「名前 | 行き先」 to (line number, name, target). Raises ValidationError that names the bad line."""
    pairs = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        read = label_and_target_lines(line)
        if not read or not read[0][0]:
            raise ValidationError(
                f"{number}行目「{line.strip()}」が読めません。「{example}」のように書いてください。"
            )
        pairs.append((number, *read[0]))
    return pairs
