"""What a question asks for, and by which terms it is found."""

import pytest

from bot.answers.words import asked_for, misses_the_price, query_terms


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


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("Does MIT send experts?", "mit"),
        ("May I comment on the program?", "comment"),
        ("Who wears a hat?", "hat"),
    ],
)
def test_a_small_word_of_another_language_keeps_its_meaning_in_english(
    question: str, kept: str
) -> None:
    assert kept in query_terms(question)


@pytest.mark.parametrize(
    ("question", "small"),
    [
        ("Comment puis-je venir ?", "comment"),
        ("Kommt jemand mit der Fähre?", "mit"),
        ("Was hat das Forum gekostet?", "hat"),
    ],
)
def test_beside_another_word_of_its_language_it_is_small(question: str, small: str) -> None:
    assert small not in query_terms(question)


@pytest.mark.parametrize(
    "question",
    [
        "How much is it?",
        "Combien coûte le dîner ?",
        "Combien ça coûte ?",
        "Combien faut-il payer ?",
        "Quels sont les frais ?",
        "Was kostet das Abendessen?",
        "Gibt es Gebühren?",
        "多少钱？",
    ],
)
def test_a_price_is_asked_for_in_every_language(question: str) -> None:
    assert misses_the_price(question, "The dinner is in hall 3.")
    assert not misses_the_price(question, "Das Abendessen kostet 20 €.")
