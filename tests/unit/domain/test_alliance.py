"""The alliance's name behind *the secretariat*, in each language."""

import pytest

from bot.domain.alliance import of_alliance, without_article


@pytest.mark.parametrize(
    ("name", "language", "written", "alone"),
    [
        ("the Alliance", "en", "the Alliance", "Alliance"),
        ("科学中心全球合作联盟", "zh", "科学中心全球合作联盟", "科学中心全球合作联盟"),
        ("l’Alliance", "fr", "de l’Alliance", "Alliance"),
        ("le Réseau", "fr", "du Réseau", "Réseau"),
        ("Les Centres", "fr", "des Centres", "Centres"),
        ("la Fédération", "fr", "de la Fédération", "Fédération"),
        ("Lettres vives", "fr", "de Lettres vives", "Lettres vives"),
        ("der Allianz", "de", "der Allianz", "Allianz"),
        ("des Verbands", "de", "des Verbands", "Verbands"),
        ("the Alliance", "de", "von the Alliance", "Alliance"),
        ("Derby Science", "de", "von Derby Science", "Derby Science"),
        ("Theatre Union", "en", "Theatre Union", "Theatre Union"),
    ],
)
def test_names(name: str, language: str, written: str, alone: str) -> None:
    assert of_alliance(name, language) == written
    assert without_article(name) == alone
