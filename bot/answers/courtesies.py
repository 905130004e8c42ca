"""Thanks, wishes and greetings: they want one warm line and no search.

A text is a courtesy if *nothing but* courtesies remains of it: "Hello, when is the
forum?" is a question. Words of a courtesy alone make none either ("you too", 各位).
"""

import re
import unicodedata

MAX_CHARACTERS = 300
"""Whoever writes more has something to say that somebody should read."""

_CORE = """
hello(?: there)?|hi(?: there)?|hey(?: there)?|dear all|good (?:morning|afternoon|evening|night|day)
greetings|welcome|goodbye|good bye|bye(?: bye)?|see you(?: soon| then| later| there)?|take care
cheers|thanks?|thank you|thx|ty|many thanks|much appreciated|appreciated|appreciate it|grateful
(?:a |very )?happy (?:new year|holidays|easter|chinese new year|lunar new year|\\d{4})
merry christmas|season'?s greetings|best wishes|all the best|(?:best|kind|warm|with kind) regards
(?:the )?same to you|you too|likewise|congratulations|congrats|well done|great job
(?:well )?received(?: with (?:many )?thanks)?
great|perfect|wonderful|excellent|awesome|super|got it|understood|noted|ok|okay|fine|cool|nice
you(?:'| a)?re welcome|my pleasure|no problem|have a (?:nice|good|great|lovely) (?:day|weekend|one)
how are you(?: doing)?(?: today)?|nice to meet you
bonjour|bonsoir|salut|coucou|merci|bonne (?:annee|journee|soiree|nuit)|joyeux noel|bonnes fetes
meilleurs voeux|au revoir|a bientot|cordialement|de rien|felicitations|parfait|tres bien
bien recu|pareillement|de meme
hallo|guten (?:tag|morgen|abend)|gute nacht|gruss gott|danke(?: schon| sehr)?|dankeschon|vielen dank
herzlichen dank|besten dank|(?:ein )?(?:frohes|gutes|gluckliches) neues(?: jahr)?|servus
frohe (?:weihnachten|ostern|feiertage)|schone feiertage|gleichfalls|ebenfalls|ebenso|tschuss
alles gute
auf wiedersehen|(?:liebe|viele|beste|schone) grusse|mit freundlichen grussen|gern geschehen|bis bald
""".strip().replace("\n", "|")
_FILLER = """
to|you|your|yours|too|also|and|a|an|the|very|so|much|all|everyone|everybody|team|friends?|dear|for
from|us|me|again|really|indeed|in|advance|again|of|lot|lots|everything|secretariat|secretary office
wish|wishing|we|i|my|family|colleagues?|wonderful|prosperous|healthy|year|sir|madam|ms|mr|dr|it|yes
beaucoup|bien|a|vous|toi|tous|toutes|aussi|egalement|et|pour|votre|tout|reponse|infiniment|mes|nos
dir|ihnen|euch|auch|sehr|und|fur|alle|allen|zusammen|ihre|hilfe|antwort|ja|wunsche|wunschen|ein|eine
your help|the (?:info|information|reply|answer)|quick|help|info|reply|answer|l'?aide
""".strip().replace("\n", "|")
_CORE_ZH = (
    "非常感谢|十分感谢|感谢|多谢|谢谢|谢了|谢啦|謝謝|多謝|感謝|新年快乐|新年快樂|新春快乐|春节快乐|"
    "元旦快乐|元旦快樂|节日快乐|圣诞快乐|中秋快乐|国庆快乐|新年好|过年好|恭喜发财|恭贺新禧|恭贺新春|"
    "万事如意|身体健康|阖家幸福|合家欢乐|吉祥如意|一切顺利|工作顺利|心想事成|同乐|同喜|同祝|恭喜|"
    "祝贺|祝好|你好|您好|大家好|你们好|各位好|早上好|上午好|中午好|下午好|晚上好|早安|晚安|再见|拜拜|回见|"
    "辛苦了|辛苦|收到|好的|好滴|明白了|明白|知道了|了解了|了解|不客气|没问题|太好了|太棒了|真棒|赞|嗨|哈喽"
)
_FILLER_ZH = (
    "你们|您们|我们|大家|各位|秘书处|老师|朋友|同事|同仁|全家|家人|也祝|敬祝|祝愿|祝福|的|了|啊|呀|哦|噢|"
    "哈|啦|呢|嘛|哟|吧|祝|也|都|很|太|真|非常|十分|你|您|我|和|与|在|新的一年里|新的一年|回复|帮助|解答|"
    "通知|提醒|支持|先|这|那"
)
_LATIN = re.compile(rf"\b(?:(?P<core>{_CORE})|{_FILLER})\b")
_CHINESE = re.compile(rf"(?P<core>{_CORE_ZH})|{_FILLER_ZH}")
_PICTURE = re.compile(r":\w+:|[:;]-?[)D(]|<3")


def is_courtesy(text: str) -> bool:
    """Return whether ``text`` is nothing but greetings, thanks, wishes or emoji."""
    if len(text) > MAX_CHARACTERS:
        return False
    folded = _folded(text)
    bare = _PICTURE.sub(" ", folded)
    pictures = bare != folded or any(unicodedata.category(char) == "So" for char in bare)
    rest, latin = _without(bare, _LATIN)
    rest, chinese = _without(rest, _CHINESE)
    return not any(char.isalnum() for char in rest) and (pictures or latin or chinese)


def _without(text: str, phrases: re.Pattern[str]) -> tuple[str, bool]:
    """Return what is left of ``text``, and whether a courtesy (not a filler alone) was in it."""
    cores = [bool(hit["core"]) for hit in phrases.finditer(text)]
    return phrases.sub(" ", text), any(cores)


def _folded(text: str) -> str:
    """Return ``text`` without capitals and accents; œ and ß become two letters."""
    flat = text.casefold().replace("’", "'").replace("œ", "oe")
    decomposed = unicodedata.normalize("NFKD", flat)
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())
