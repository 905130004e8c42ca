"""``convoke staff``: who works for the secretariat. The first admin is made here."""

from typing import Annotated

import typer

from bot.cli.prompt import AsJson, Desk, fail, run, say, say_json, say_table
from bot.domain.people import CLI, StaffRole

app = typer.Typer(no_args_is_help=True, help="Who works for the secretariat.")
Email = Annotated[str, typer.Argument(help="E-mail address.")]


@app.command("grant")
def grant(
    email: Email,
    role: Annotated[StaffRole, typer.Argument(help="viewer, editor or admin.")],
) -> None:
    """Give somebody a staff role, in place of one they may have."""
    address = email.strip().lower()
    if "@" not in address.strip("@"):
        fail(f"{email!r} is no e-mail address")

    async def work(desk: Desk) -> bool:
        from bot.services import people

        async with desk.database.read() as read:
            known = await people.is_known(read, address)
        await desk.database.write(
            lambda write: people.grant_staff(
                write, email=address, role=role, actor=CLI, now=desk.now
            )
        )
        return known

    known = run(work)
    say(f"{address} is {role.value} now.")
    if not known:
        say("Nobody in the roster has this address: check it, or import their roster row,")
        say(f"so that they can be reached. `convoke staff revoke {address}` takes it back.")


@app.command("revoke")
def revoke(email: Email) -> None:
    """Take a staff role away."""
    address = email.strip().lower()

    async def work(desk: Desk) -> bool:
        from bot.services import people

        return await desk.database.write(
            lambda write: people.revoke_staff(write, email=address, actor=CLI, now=desk.now)
        )

    if not run(work):
        fail(f"{address} has no staff role")
    say(f"{address} has no staff role any more.")


@app.command("list")
def list_staff(json: AsJson = False) -> None:
    """Show who has which role."""

    async def work(desk: Desk) -> tuple[tuple[str, StaffRole], ...]:
        from bot.storage import staff

        async with desk.database.read() as read:
            return await staff.everyone(read)

    rows = run(work)
    if json:
        say_json([{"email": email, "role": role.value} for email, role in rows])
    else:
        say_table(("e-mail", "role"), rows)
