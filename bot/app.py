"""The composition root: puts the parts together, and runs them as one service."""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from bot.acting import Actors
from bot.adapters import registry
from bot.adapters.abilities import HttpRoutes, Menu
from bot.adapters.base import Adapter, Sink
from bot.adapters.http import HttpRoute
from bot.bell import Bell, Ring
from bot.clock import Clock
from bot.dispatch import Dispatcher
from bot.i18n import languages, texts_for
from bot.inbox_sink import InboxSink
from bot.interactions import Interactions
from bot.outbound import WHOLE
from bot.outbound.lease import Lease, LeaseKeeper
from bot.outbound.sender import Sender
from bot.routing import Routes
from bot.services.delivery import Delivery
from bot.services.introductions import Introductions
from bot.services.outbox import Outbox
from bot.services.platform_account import PlatformAccount
from bot.services.readers import Readers
from bot.services.recognition import Recognition
from bot.services.room_cards import RoomCards
from bot.settings import Settings
from bot.storage import schema, wake
from bot.storage.database import Database
from bot.storage.inbox import PROCESS
from bot.storage.key_values import AdapterMemory
from bot.web.health import HealthDesk
from bot.web.mount import application
from bot.web.server import PortTaken, WebServer
from handlers import ROUTERS
from schedules import JOBS
from schedules.job import Bench, Job

log = logging.getLogger(__name__)


def build_adapters(settings: Settings, database: Database) -> dict[str, Adapter]:
    """Return the adapters that the settings name, by name.

    Raises:
        SettingsError: one is unknown, or its settings are missing or wrong.
    """
    return {
        name: registry.factory(name)(settings, AdapterMemory(database, name), settings.clock)
        for name in settings.adapter_names
    }


def command_menu(routes: Routes, default_language: str) -> Menu:
    """Return what the platforms list beside the text field, in every language."""
    shown = {"": default_language, **{language: language for language in languages()}}
    return {
        code: tuple((name, texts_for(language)(f"about.{name}")) for name in routes.listed)
        for code, language in shown.items()
    }


def all_routes() -> Routes:
    """Return every handler's route."""
    return Routes(ROUTERS)


@dataclass(slots=True)
class App:
    """A running service, or all of it but the running, for tests."""

    settings: Settings
    database: Database
    clock: Clock
    adapters: dict[str, Adapter]
    dispatcher: Dispatcher
    accounts: tuple[PlatformAccount, ...]
    bell: Bell
    keeper: LeaseKeeper
    web: WebServer
    needs_web: bool
    delivery: Delivery
    outbox: Outbox
    listening: bool = False

    def listen(self) -> None:
        """Take the port for HTTP; nothing is served yet.

        Raises:
            PortTaken: somebody else has it, and a platform delivers its updates there.
                Where none does, the service goes on without health checks.
        """
        try:
            self.web.listen()
        except PortTaken as taken:
            if self.needs_web:
                raise
            log.warning("no health checks are served here: %s", taken)
        else:
            self.listening = True

    async def run(self) -> None:
        """Receive, answer and send until cancelled."""
        alive = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            if self.listening:
                group.create_task(self.web.run(), name="web")
            group.create_task(self._show_life(alive), name="process lease")
            await alive.wait()
            with self.bell:
                group.create_task(self.dispatcher.run(), name="dispatch")
                group.create_task(wake.listen(self.database), name="listen")
                for account in self.accounts:
                    group.create_task(account.run(), name=account.adapter.name)
                await asyncio.Event().wait()

    async def _show_life(self, alive: asyncio.Event) -> None:
        """Hold the lease that lets others see that this process lives; take it again if lost."""
        while True:
            with suppress(SQLAlchemyError, OSError):
                lease = await self.keeper.try_once(PROCESS + self.keeper.process)
                if lease is not None:
                    async with self.keeper.held(lease):
                        alive.set()
                        await lease.lost.wait()
            log.warning("the database was away; what we had claimed may be handled by others")
            await self.clock.sleep(1.0)


def assemble(settings: Settings, database: Database, clock: Clock | None = None) -> App:
    """Put a service together; nothing runs yet.

    Raises:
        SettingsError: the settings do not fit.
    """
    clock = clock or settings.clock
    adapters = build_adapters(settings, database)
    process = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    readers = Readers(settings.default_language, settings.default_zone)
    introductions = Introductions(settings.alliance, clock, settings.signature)
    recognition = Recognition(database, adapters, settings.trusted_teams, clock)
    outbox = Outbox(adapters, readers, introductions)
    delivery = Delivery(database, adapters, readers, introductions)
    cards = RoomCards(adapters, outbox, readers, clock)
    interactions = Interactions()
    routes = all_routes()
    sink = InboxSink(database, clock, interactions, routes, settings.default_language)
    keeper = LeaseKeeper(database, clock, process)

    budget = WHOLE.share(len(adapters))

    def make_sender(adapter: Adapter, lease: Lease) -> Sender:
        return Sender(adapter, database, clock, lease, delivery.part_of, budget=budget)

    menu = command_menu(routes, settings.default_language)
    accounts = tuple(
        PlatformAccount(
            adapter,
            database=database,
            clock=clock,
            keeper=keeper,
            sink=sink,
            make_sender=make_sender,
            menu=menu,
        )
        for adapter in adapters.values()
    )
    dispatcher = Dispatcher(
        database=database,
        clock=clock,
        settings=settings,
        routes=routes,
        outbox=outbox,
        interactions=interactions,
        cards=cards,
        actors=Actors(database, clock, readers, recognition),
        process=process,
    )
    bench = Bench(
        database=database,
        clock=clock,
        delivery=delivery,
        outbox=outbox,
        cards=cards,
        recognition=recognition,
        grace=timedelta(minutes=settings.grace_minutes),
        held=lambda: tuple(account.adapter for account in accounts if account.held),
    )
    mounted = _http_routes(adapters, sink)
    web = _web(settings, HealthDesk(database, adapters, accounts, dispatcher), mounted)
    bell = Bell({job.name: (job.seconds, _rings(job, bench)) for job in JOBS})
    return App(
        settings,
        database,
        clock,
        adapters,
        dispatcher,
        accounts,
        bell,
        keeper,
        web,
        needs_web=bool(mounted),
        delivery=delivery,
        outbox=outbox,
    )


def _http_routes(adapters: Mapping[str, Adapter], sink: Sink) -> tuple[HttpRoute, ...]:
    receiving = (one for one in adapters.values() if isinstance(one, HttpRoutes))
    return tuple(route for one in receiving for route in one.http_routes(sink))


def _web(settings: Settings, desk: HealthDesk, routes: Sequence[HttpRoute]) -> WebServer:
    return WebServer(application(routes, desk.ask), settings.http_host, settings.http_port)


def _rings(job: Job, bench: Bench) -> Ring:
    return lambda: job.run(bench)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """Open the database with the newest schema, and close it at the end.

    Raises:
        DatabaseProblem: it cannot be opened.
    """
    database = Database(settings.database_url.get_secret_value())
    try:
        await schema.migrate_or_explain(database)
        yield database
    finally:
        await database.close()
