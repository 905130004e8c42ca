"""What a question asks for, and by which terms it is found."""

import pytest

from bot.answers.words import asked_for, query_terms


@pytest.mark.parametrize(
    ("question", "mark"),
    [
        ("Quand a lieu le Forum ?", "askwhen"),
        ("À quelle heure commence la séance ?", "askwhen"),
        ("Où se tient le Forum ?", "askwhere"),
        ("Dans quelle salle est l’atelier ?", "askwhere"),
        ("Qui organise la conférence ?", "askwho"),
        ("Wann beginnt das Forum?", "askwhen"),
        ("An welchem Datum ist das Forum?", "askwhen"),
        ("Wo findet das Forum statt?", "askwhere"),
        ("Wer spricht am Montag?", "askwho"),
    ],
)
def test_what_is_asked_for_in_french_and_german(question: str, mark: str) -> None:
    assert asked_for(question) == {mark}


def test_french_elision_and_small_words_are_no_terms() -> None:
    assert query_terms("Quand a lieu l’événement ?") == query_terms("événement")
    assert query_terms("Wo findet die Konferenz statt?") == ("die", "konferenz")
