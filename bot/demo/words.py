"""Every word of the demo's own terminal: English, for developers and curious staff."""

ALLIANCE = {
    "en": "the Global Cooperation Alliance of Science Centers",
    "zh": "科学中心全球合作联盟",
    "fr": "l’Alliance mondiale de coopération des centres scientifiques",
    "de": "der Globalen Kooperationsallianz der Wissenschaftszentren",
}

TITLE = "Convoke, played without a single token"
HEADLESS_BEGIN = """\
{n} member centers on a simulated Telegram and a simulated Slack, the real adapters, one
SQLite file, and the calendar at 31 December 2019. The service's log: {log}"""

# What went wrong
COMMAND_FAILED = "`convoke {command}` ended with {code}: {said}"
NOT_READY = "The service did not come up. Its log is {log}"
PORT_TAKEN = (
    "Ports {port} and the two above it could not be opened: {why}\n"
    "Choose another with --port, or leave it out and any free ones are taken."
)
NO_BUTTON = "{name} was shown no button for {what}."
OTHER_SEATS = "The script is written for a Forum with {n} seats; the data say otherwise."
NOT_SENT = "The invitation was not sent to the end within {seconds} s of the restart."
NOBODY_TO_ANSWER = "Nobody who has the invitation is still undecided."

# The script's story
SAYS = "{name} ({platform}) writes: {text}"
PRESSES = "{name} ({platform}) presses [{text}]"
FORGES = "{name} forges a press of [{text}] in the chat of {other}"
SAYS_DOWN = "{name} writes while nothing runs: {text}"
GAPS = "What the secretariat is asked to answer now (convoke gaps), {n} questions:"
SCHEDULED = "Announcement {id} is {state} for {at} in Beijing, for {recipients} chats"
MOVED = "The calendar is moved to {now}"
ARRIVED = "It stands in {n} chats; the first at {first}, the last at {last}"
PROMOTED = "{name} moves up from the waiting list and is told"
KILLED = "kill -9 {pid}: the invitation stands in {n} of {total} chats"
RESTARTED = "The service is started again, as process {pid}"
FINISHED = (
    "It stands in {n} chats; the report says {delivered} delivered, {unconfirmed} unconfirmed"
)
REPLIES = "Beside the announcement (convoke announce replies): {replies}"
UNKNOWN = "unconfirmed, to be looked at by a person: {email} on {platform}"

SCENE_QUESTIONS = "Members ask before the year ends"
SCENE_GREETING = "The New Year's greeting is scheduled for midnight in Beijing"
SCENE_COURTESIES = "Members wish a happy New Year, too"
SCENE_SECOND_THOUGHTS = "A wrong month stands in the chats: it is corrected, then taken back"
SCENE_SEATS = "The Forum has {seats} seats; six members want one"
SCENE_CRASH = "The invitation goes out, and the service is killed in the middle"

# What members type
ASK_ENGLISH = "When is the Frontier Forum?"
ASK_CHINESE = "前沿论坛什么时候举行？"
ASK_CHINESE_PLACE = "会议在哪里举行？"
ASK_FRENCH = "Quand a lieu le Forum des frontières ?"
ASK_GERMAN = "Wo findet das Frontier Forum statt?"
ASK_UNKNOWN = "Is there childcare during the Forum?"
ASK_UNKNOWN_CHINESE = "会场有停车位吗？"
ASK_DOWN = "Where are the meetings held?"
WISH = "Happy New Year to you too!"
WISH_CHINESE = "新年快乐！"
THANKS_CHINESE = "谢谢"

# A letter with a mistake
SAVE_TITLE = "Save the date: Frontier Forum"
WRONG_MONTH, RIGHT_MONTH = "March", "May"
SAVE_WRONG = f"We plan to meet in **{WRONG_MONTH} 2020**. The date will be announced."
SAVE_RIGHT = f"We plan to meet in **{RIGHT_MONTH} 2020**. The date will be announced."

# The table
TABLE_TITLE = "What the simulators' journals prove"
TABLE_HEADINGS = ("", "check", "expected", "found")
OK = "ok"
BAD = "FAILED"
FAILED = "Not as promised: {what}"
EXPECTED = "  expected: {text}"
FOUND = "  found:    {text}"
ALL_GOOD = "All {n} checks hold. It took {seconds} s."
NOT_GOOD = (
    "{bad} of {n} checks do not hold. It took {seconds} s. Database and log are left in {folder}"
)

CHECK_ENGLISH = "English question: answer with source"
CHECK_CHINESE = "Chinese question: answer with source"
CHECK_CHINESE_PLACE = "Chinese question on Slack: answer with source"
CHECK_FRENCH = "French question on Telegram: answer with source"
CHECK_GERMAN = "German question on Slack: answer with source"
CHECK_UNKNOWN = "Nobody knows: told so, nothing invented"
CHECK_UNKNOWN_CHINESE = "The same in Chinese"
CHECK_EARLY = "Greeting: copies before midnight"
CHECK_GREETING = "Greeting: exactly once for everybody"
CHECK_LANGUAGE = "Greeting: in each reader's language"
CHECK_COURTESY = "Happy New Year: one warm line"
CHECK_COURTESY_CHINESE = "新年快乐: one warm line, in Chinese"
CHECK_THANKS = "谢谢: one warm line, in Chinese"
CHECK_REPLIES = "Thanks below it: beside the announcement"
CHECK_CORRECTED = "Correction: copies with the right month"
CHECK_STALE = "Correction: copies with the wrong month"
CHECK_IN_PLACE = "Correction: edited, not sent anew"
CHECK_RECALLED = "Recall: copies left in the chats"
CHECK_FULL = "Seats: six answered"
CHECK_TWICE = "Same button twice: a harmless notice"
CHECK_TWICE_SEAT = "Same button twice: the answer stands"
CHECK_FORGED = "Forged press: refused"
CHECK_FORGED_SEAT = "Forged press: the owner's answer stands"
CHECK_MOVED = "Seats: one changed their mind"
CHECK_PROMOTED = "Promotion: told once, only the first in line"
CHECK_MIDDLE = "kill -9: copies in the chats at that moment"
CHECK_NOBODY_TWICE = "After the restart: who has it twice"
CHECK_LISTED = "After the restart: who has none is listed"
CHECK_DELIVERED = "Reported as delivered: really in the chat"
CHECK_UNKNOWN_FEW = "Left unconfirmed by the kill"
CHECK_NOWHERE = "On no messenger: named in the report"
CHECK_DOWN = "Asked while it was dead: answered once"
CHECK_INVITATION = "Answered on the invitation: recorded"
CHECK_CARD = "The invitation then shows the answer"

# The interactive demo
STARTING = "Starting two simulated platforms, a fresh database and the service …"
GOODBYE = "The demo is over; everything it started has ended, and its files are gone."
GUIDE = """
It is the evening of 31 December 2019 in Beijing. You are a member; the bot is the
Alliance's secretariat. Just type. Lines that begin with a colon are for the demo itself.

  When is the Frontier Forum?   ask anything, in English or Chinese: 前沿论坛什么时候举行？
  events                        then type a button's number, such as 1, to press it
  :members   :as 13             be somebody else: another language, city and messenger
  :greet                        schedule the greeting; then :time 2020-01-01 00:00
  :invite    :fill    :free     invite to the Forum, let others take all seats, free one
  :kill                         kill -9 the service at any moment and start it again
  :secretariat                  what else the secretariat can do
  :help      :quit

The service's log: {log}
For other programs: http://127.0.0.1:{port}/ (people type and press, chats are read)"""
HELP = """
All of the demo's own commands:
  :as NUMBER|NAME [telegram|slack]   be that member
  :members [WORD]                    who there is: platform, language, city
  :say TEXT                          say it, even if it is a bare number
  :time [2020-01-01 00:00|18:30|+2h] show or move the calendar (Beijing)
  :greet :invite :fill :free         the usual story, step by step
  :report [ID] :gaps                 what became of an announcement; what nobody could answer
  :convoke …                         any command, such as :convoke announce list
  :journal                           what stands in the chats of all members
  :kill                              kill -9 the service and start it again
  :help :quit"""
SECRETARIAT = """
As the secretariat you use the real command line, with the demo's settings:
  :greet                  schedule the New Year's greeting, in four languages
  :invite                 invite everybody to the Forum, with answer buttons
  :report [ID]            what became of the last announcement, or of this one
  :gaps                   what was asked and could not be answered
  :convoke announce list
  :convoke announce show 1
  :convoke ask "Where are the meetings held?"
  :convoke staff grant you@example.org editor
  :convoke --help         everything else"""
YOU_ARE = "You are [{number}] {name}, {organisation} ({platform}, {locale}, {city})"
ELSEWHERE = "(unread in other members' chats: {n})"
NO_ANSWER = "(no answer within {seconds} s)"
NO_SUCH_BUTTON = "There are {n} buttons to press. To say it to the bot: :say {number}"
SAY_WHAT = "Say what? For example :say 3"
PRESSED = "pressed [{label}]"
CHANGED = "(this message has changed)"
NOTICE = "({text})"
WHO = "Whom? A number from 1 to {n} or a part of the name; :members lists them."
NOT_THERE = "{name} has no account there: {where}."
NOWHERE = "on no messenger"
NO_COMMAND = "There is no :{name}; :help lists what there is."
WHEN = "When is “{text}”? Write :time 2020-01-01 00:00, :time 18:30 or :time +2h."
NOW = "In Beijing it is {now}."
MEMBER_HEADINGS = ("", "name", "member center", "platform", "language", "city")
QUOTES = "A quotation mark is open: {why}."
NOT_HERE = "`convoke {name}` runs already: it is what you are looking at."
EXIT_CODE = "(exit code {code})"
GREET_NEXT = "Now let midnight come, with :time 2020-01-01 00:00, and look into other chats."
INVITE_NEXT = "Answer by a button's number. With :fill others take the seats."
NO_ANNOUNCEMENT = "There is no announcement yet. Try :greet or :invite."
FILLED = "{names} have answered: they come. The Forum has {seats} seats."
FREED = "{name} can't come after all. Whoever waited longest is told now."
FILL_FIRST = "Nobody of the demo's own has answered yet. Try :fill first."
JOURNAL_HEADINGS = ("platform", "chats", "messages", "requests")
GREETING = "New Year's greeting"
INVITATION = "Invitation"
COUNTED = "{title}: of {n} people {once} have it once, {more} more than once"
CONTROL = "All of it as JSON: http://127.0.0.1:{port}/telegram/journal and …/slack/journal"
KILLED_HERE = "kill -9 {pid}: the service is dead. What you type now waits at the platform."
STARTED_HERE = "It is back, as process {pid}."
