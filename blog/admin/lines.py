"""Form field and widget for lists that are written as text, a line each."""

from django.core.exceptions import ValidationError

from blog.models.taxonomy import label_and_target_lines


def check_lines(text: str, *, example: str) -> list[tuple[int, str, str]]:
    """(line number, name, target) for each line of 「名前 | 行き先」. Raises ValidationError naming a bad line."""
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
