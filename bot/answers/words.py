"""Text becomes search terms, the same way for passages and for questions.

Latin words are folded (no capitals, no accents) and cut to a stem. Chinese has no gaps
between words, so each pair of neighbouring characters is a term. Words that ask (when,
哪里) become marks of what is asked for, because a passage answers *when* without the word.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

CJK = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUN = re.compile(rf"[{CJK}]+|[^\W_{CJK}]+(?:['’][^\W_{CJK}]+)*")
_HAN = re.compile(f"[{CJK}]")
_ELIDED = re.compile(r"^(?:[dlj]|qu)['’]")
"""*L'événement* is found by *événement*."""
MAX_CHARACTERS = 2000
"""Of a question; what lies behind is not read."""

_EN = (
    "a about again all also am an and another any anybody anyone anything are arent as at be "
    "been being but by can cant could did do does doesnt doing dont each else for from get gets "
    "getting give go going gonna got had has have having he hello help her here hers hey hi him "
    "his how i id if ill im in into is isnt it its ive just know let lets like lol lot many me "
    "mine more much my need of off ok on one only or other our ours out own per please pls "
    "possible really same shall she should so some somebody someone something still such take "
    "tell than thank thanks that thats the their them then there theres these they theyre thing "
    "this those though to too u um under up us very want wanna was we were what whats when whens "
    "where wheres which who whos whom whose why will with wont would yes yet you your youre "
    "yours"
)
_ZH = (
    "请问 你好 您好 谢谢 我想知道 我想 想知道 知道 告诉 一下 能不能 可不可以 可以 是不是 "
    "有没有 是否 什么 哪些 哪个 哪一 怎么样 怎么 怎样 如何 为什么 这里 那里 这个 那个 我们 "
    "你们 他们 大家 需要 应该 会不会 还是 或者 以及 没有 定了 没 吗 呢 啊 吧 呀 的 了 是 在 有 "
    "我 你 您 他 她 它 们 这 那 都 也 就 还 和 与 及 把 被 请 要 会 能 谁 几 多"
)
_FR = (
    "le la les un une du de et est sont au aux ce cet cette ces il elle on nous vous qui que quoi "
    "quel quelle quels quelles quand comment combien pourquoi avec dans par pas ne se sa ses votre "
    "vos notre nos mon ma mes ai avez peut peux puis puisje je y cest estce quest a lieu aura ya "
    "faut doit dois voudrais savoir merci bonjour svp sil plait"
)
_DE = (
    "der das ein eine einen einem einer eines und ist sind wird werden wie wo wann wer wen wem "
    "warum wieso welche welcher welches welchen es er sie wir ihr ihre mich mir mein meine kann "
    "konnen muss mussen darf soll gibt zu zum zur im am bei mit fur auf aus von vom nach nicht "
    "auch noch ich habe haben hat bitte danke hallo findet finden statt mochte wissen"
)
_ALSO_ENGLISH = frozenset(
    ("comment", "par", "pas", "ma", "mon", "pour", "hat", "mit", "es", "er", "des", "aura", "statt")
)
"""Small French and German words that mean something in an English question: *MIT*, *a hat*."""
STOP = frozenset(_EN.split())
_SMALL = tuple(frozenset(words.split()) - STOP for words in (_FR, _DE))
_ZH_STOP = re.compile("|".join(sorted(_ZH.split(), key=len, reverse=True)))

ASKS = {
    "when": re.compile(
        r"\bwhen(?:'?s|’s)?\b|\bwhat (?:time|date|day)\b|\bdates?\b|\bwhat day\b"
        r"|\bquand\b|\bquelles? (?:heure|date)s?\b|\bquel jour\b"
        r"|\bwann\b|\bum wie ?viel uhr\b|\bwelche[mnrs]? (?:tag|datum)\b|\b(?:datum|termine?)\b"
        r"|什么时候|何时|几点|哪天|哪一天|日期|多久|几号|几月|时间"
    ),
    "where": re.compile(
        r"\bwhere(?:'?s|’s)?\b|\bwhat (?:room|place|city|venue)\b|\b(?:location|venue)\b"
        r"|\boù\b|(?<!\ba )\blieu\b|\bquelle (?:salle|ville)\b"
        r"|\bwo(?:hin)?\b|\b(?:ort|veranstaltungsort)\b|\bwelche[mnrs]? (?:raum|stadt|saal)\b"
        r"|哪里|哪儿|在哪|何处|地点|会场|地址"
    ),
    "who": re.compile(r"\bwho(?:'?s|’s|m|se)?\b|\bqui\b|\bwe[rnm]\b|谁|哪位"),
}
"""What is asked for, by the words that ask."""
_ASKS_PRICE = re.compile(
    r"\bhow much\b|\b(?:price|prices|cost|costs|fee|fees)\b|多少钱|费用|价格|收费|票价|几钱"
    r"|\bcombien\b.{0,40}\b(?:coûte\w*|payer|paye|paie)\b|\b(?:prix|tarifs?|frais)\b"
    r"|\b(?:preise?|kosten|kostet|gebühr|gebühren)\b"
)
_TELLS_PRICE = re.compile(
    r"[€$£¥元]|\b(?:eur|usd|gbp|chf|cny|rmb|czk|euros?|dollars?|pounds?|francs?|yuan)\b"
    r"|\b(?:free|fees?|costs?|prices?|paid|pay|charges?|tickets?|refund\w*|discount\w*)\b"
    r"|\b(?:gratuit\w*|tarifs?|prix|payer|frais|kostenlos|kostenfrei|gebühr\w*|preise?|kost\w*)\b"
    r"|免费|费|票价|价格|收取|支付"
)
MARK = "ask"
"""Begins the term of what is asked for, such as ``askwhen``."""


def is_chinese(text: str) -> bool:
    """Return whether ``text`` holds a Chinese character."""
    return _HAN.search(text) is not None


def asked_for(text: str) -> frozenset[str]:
    """Return the marks of what ``text`` asks for."""
    folded = text[:MAX_CHARACTERS].casefold()
    return frozenset(MARK + name for name, words in ASKS.items() if words.search(folded))


def misses_the_price(question: str, answer: str) -> bool:
    """Return whether a price is asked for and ``answer`` says nothing of money.

    The right topic without the asked fact is no answer: an event's description must not
    stand where its fee was asked.
    """
    asked = _ASKS_PRICE.search(question[:MAX_CHARACTERS].casefold())
    return asked is not None and _TELLS_PRICE.search(answer.casefold()) is None


def terms(text: str) -> Iterator[str]:
    """Yield every term of a passage, in order."""
    for run in _runs(text):
        if _HAN.match(run):
            yield from run
            yield from _pairs(run)
        else:
            yield stem(run)


def query_terms(text: str) -> tuple[str, ...]:
    """Return the informative terms of a question, each once; may be empty."""
    bare = _without_asking(text[:MAX_CHARACTERS].casefold())
    found: dict[str, None] = {}
    runs = tuple(_runs(bare))
    stop = STOP | _small_words(runs)
    for run in runs:
        if _HAN.match(run):
            for part in _ZH_STOP.split(run):
                found.update(dict.fromkeys(_pairs(part) if len(part) > 1 else part))
        elif run not in stop:
            found[stem(run)] = None
    return tuple(found)


def _small_words(runs: Iterable[str]) -> frozenset[str]:
    """Return the small words of the languages that the text is in, as far as it shows.

    A word that English has too says nothing about the language, and keeps its meaning unless
    another word does.
    """
    words = frozenset(runs)
    shown = (small for small in _SMALL if words & (small - _ALSO_ENGLISH))
    return frozenset().union(*shown)


def _without_asking(text: str) -> str:
    """Blank the Chinese words that ask: their characters are pairs of no meaning."""
    for words in ASKS.values():
        text = words.sub(lambda hit: " " if is_chinese(hit[0]) else hit[0], text)
    return text


def _runs(text: str) -> Iterator[str]:
    """Yield folded words and runs of Chinese characters."""
    for run in _RUN.findall(_folded(text)):
        yield _ELIDED.sub("", run).replace("'", "").replace("’", "")


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _pairs(run: str) -> Iterable[str]:
    return (run[at : at + 2] for at in range(len(run) - 1))


def stem(word: str) -> str:
    """Return ``word`` without the common English endings; rough, and the same everywhere."""
    if word.isdigit() or len(word) < 4:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-2] if word.endswith(("sses", "shes", "ches", "xes")) else word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            word = word[:-1] if word[-1] == word[-2] and word[-1] not in "sl" else word
            break
    return word[:-1] if word.endswith("e") and len(word) > 4 else word
