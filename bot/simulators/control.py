"""Simulators for other processes: people act and chats are read over loopback HTTP.

::

    GET  /                              names of the platforms
    GET  /{platform}/people             everybody who has an account
    GET  /{platform}/journal?chat=ID    messages and notices; without chat, of every chat
    POST /{platform}/people             user, name [, language, zone, email]
    POST /{platform}/say                user, text [, chat]
    POST /{platform}/answer             user, text, message_id [, chat]
    POST /{platform}/press              user, message_id, data [, chat]
    POST /{platform}/block              user [, blocked]
    POST /{platform}/vanish             user
    POST /{platform}/rooms              title [, members]; the answer names its chat
    POST /{platform}/bot                chat, by [, added]
    POST /{platform}/upgrade            chat; the answer names the new one
    POST /{platform}/faults             fault [, count, method, status, retry_after]
                                        or lose_answers [, method]
                                        or answer_errors, status [, retry_after]
    POST /{platform}/flood              mode [, chats]
    POST /{platform}/redeliver          [count]
    GET  /slack/screens?user=ID         the person's page and open form
    POST /slack/command                 user, text [, chat]
    POST /slack/home                    user
    POST /slack/submit                  user, values

Bodies and answers are JSON; a refusal is ``{"error": …}``. The content type must be
``application/json``, which no web page can send here without being asked first (CORS).
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from typing import Any

from aiohttp import web

from bot.simulators.base import HasScreens, SimulatedPerson, Simulator, Unsupported
from bot.simulators.journal import SeenMessage
from bot.simulators.loopback import only_local_hosts, served

Body = dict[str, Any]


class Control:
    """The control interface over any number of simulators."""

    def __init__(self, simulators: Iterable[Simulator]) -> None:
        """Know ``simulators`` by their platform."""
        self._simulators = {one.platform: one for one in simulators}

    def serving(self, port: int = 0) -> AbstractAsyncContextManager[int]:
        """Serve on 127.0.0.1 inside the block; it yields the port."""
        return served(self.app(), port)

    def app(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application(middlewares=[only_local_hosts])
        app.router.add_get("/", self._platforms)
        app.router.add_get("/{platform}/people", self._people)
        app.router.add_get("/{platform}/journal", self._journal)
        app.router.add_get("/{platform}/screens", self._shown_screens)
        app.router.add_post("/{platform}/{action}", self._act)
        return app

    async def _platforms(self, _: web.Request) -> web.Response:
        return web.json_response(list(self._simulators))

    async def _people(self, request: web.Request) -> web.Response:
        return web.json_response([asdict(one) for one in self._simulator(request).people()])

    async def _journal(self, request: web.Request) -> web.Response:
        journal = self._simulator(request).journal
        asked = request.query.get("chat")
        found = {
            chat: {
                "messages": [_shown(one) for one in journal.messages(chat)],
                "notices": journal.notices(chat),
            }
            for chat in ([asked] if asked is not None else journal.chats())
        }
        return web.json_response(found[asked] if asked is not None else found)

    async def _shown_screens(self, request: web.Request) -> web.Response:
        try:
            screens = _screens(self._simulator(request)).screens(request.query.get("user", ""))
        except Unsupported as error:
            return _refused(400, str(error))
        return web.json_response(screens)

    async def _act(self, request: web.Request) -> web.Response:
        simulator = self._simulator(request)
        action = ACTIONS.get(request.match_info["action"])
        if action is None:
            return _refused(404, f"no such action; there are {', '.join(ACTIONS)}")
        if request.content_type != "application/json":
            return _refused(415, "send application/json")
        try:
            said = action(simulator, await request.json())
        except KeyError as error:
            return _refused(400, f"missing or unknown: {error.args[0]}")
        except (ValueError, TypeError, AttributeError) as error:
            return _refused(400, str(error))
        return web.json_response({"ok": True, **(said or {})})

    def _simulator(self, request: web.Request) -> Simulator:
        found = self._simulators.get(request.match_info["platform"])
        if found is None:
            known = ", ".join(self._simulators)
            raise web.HTTPNotFound(text=f"no such platform; there are {known}")
        return found


def _refused(status: int, reason: str) -> web.Response:
    return web.json_response({"error": reason}, status=status)


def _shown(message: SeenMessage) -> Body:
    found = asdict(message)
    found.pop("native")
    return found


def _add(simulator: Simulator, body: Body) -> None:
    simulator.add_person(SimulatedPerson(**body))


def _say(simulator: Simulator, body: Body) -> None:
    simulator.say(body["user"], body["text"], body.get("chat"))


def _open_room(simulator: Simulator, body: Body) -> Body:
    return {"chat": simulator.create_room(body["title"], body.get("members", ()))}


def _move_bot(simulator: Simulator, body: Body) -> None:
    act = simulator.add_bot if body.get("added", True) else simulator.remove_bot
    act(body["chat"], body["by"])


def _upgrade(simulator: Simulator, body: Body) -> Body:
    return {"chat": simulator.upgrade_room(body["chat"])}


def _flood(simulator: Simulator, body: Body) -> None:
    simulator.flood(body["mode"])
    if "chats" in body:
        simulator.limit_chats(bool(body["chats"]))


def _answer(simulator: Simulator, body: Body) -> None:
    simulator.answer(body["user"], body["text"], body["message_id"], body.get("chat"))


def _vanish(simulator: Simulator, body: Body) -> None:
    simulator.vanish(body["user"])


def _redeliver(simulator: Simulator, body: Body) -> None:
    simulator.redeliver(int(body.get("count", 1)))


def _press(simulator: Simulator, body: Body) -> None:
    simulator.press(body["user"], body["message_id"], body["data"], body.get("chat"))


def _block(simulator: Simulator, body: Body) -> None:
    simulator.block(body["user"], bool(body.get("blocked", True)))


def _faults(simulator: Simulator, body: Body) -> None:
    if "fault" in body:
        simulator.fault(
            body["fault"],
            int(body.get("count", 1)),
            method=body.get("method", ""),
            status=int(body.get("status", 500)),
            retry_after=body.get("retry_after"),
        )
        return
    if "lose_answers" in body:
        simulator.lose_answers(int(body["lose_answers"]), body.get("method", ""))
        return
    count, status = int(body["answer_errors"]), int(body["status"])
    simulator.answer_errors(count, status, body.get("retry_after"))


def _command(simulator: Simulator, body: Body) -> None:
    _screens(simulator).command(body["user"], body["text"], body.get("chat"))


def _open_home(simulator: Simulator, body: Body) -> None:
    _screens(simulator).open_home(body["user"])


def _submit(simulator: Simulator, body: Body) -> None:
    _screens(simulator).submit(body["user"], body["values"])


def _screens(simulator: Simulator) -> HasScreens:
    if not isinstance(simulator, HasScreens):
        raise Unsupported(f"{simulator.platform} knows no such thing")
    return simulator


ACTIONS: dict[str, Callable[[Simulator, Body], Body | None]] = {
    "people": _add,
    "say": _say,
    "answer": _answer,
    "press": _press,
    "block": _block,
    "vanish": _vanish,
    "rooms": _open_room,
    "bot": _move_bot,
    "upgrade": _upgrade,
    "faults": _faults,
    "flood": _flood,
    "redeliver": _redeliver,
    "command": _command,
    "home": _open_home,
    "submit": _submit,
}
