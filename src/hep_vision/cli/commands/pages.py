"""``hep-vision open``: the pages in the browser, on this machine alone."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from hep_vision.cli.main import app
from hep_vision.cli.options import PATIENT, PatientOption, opened_log, resolved_data_dir


@app.command("open", rich_help_panel=PATIENT)
def open_pages(  # noqa: PLR0913 -- one parameter per option
    ctx: typer.Context,
    patient: PatientOption = None,
    therapist: Annotated[
        bool, typer.Option("--therapist", help="Open the therapist's pages.")
    ] = False,
    camera: Annotated[
        str,
        typer.Option(help="Camera number, device, address, or a video played in its place."),
    ] = "0",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port; 0 takes one that is free.")
    ] = 0,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the browser, or print the address.")
    ] = True,
    token: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            help="File for a token, with which programs on this machine read the log; see "
            "docs/api.md.",
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """Open the pages in the browser; they are served to this machine alone, until Ctrl-C."""
    import time
    import webbrowser

    from hep_vision.web.access import Access, Role
    from hep_vision.web.desk import Desk
    from hep_vision.web.live import LiveRoom
    from hep_vision.web.server import LOOPBACK, create_app, free_socket, serve
    from hep_vision.web.token_file import token_file

    data_dir = resolved_data_dir(ctx)
    access = Access(time.monotonic)
    role = Role.THERAPIST if therapist else Role.PATIENT
    try:
        bound = free_socket(port)
    except OSError as error:
        raise typer.BadParameter(
            f"{port} is taken ({error.strerror}); leave it out for one that is free.",
            param_hint="--port",
        ) from error
    taken = bound.getsockname()[1]
    address = f"http://{LOOPBACK}:{taken}/enter?token={access.token(role)}"

    def ready() -> None:
        typer.echo("The pages are open on this machine alone. Ctrl-C ends them.")
        if not (browser and webbrowser.open(address)):
            typer.echo(f"Open this address, once: {address}")

    room = LiveRoom(camera)
    with ExitStack() as open_until_the_end:
        log = open_until_the_end.enter_context(opened_log(ctx))
        if token is not None:
            bearer = access.bearer(Role.THERAPIST)
            open_until_the_end.enter_context(token_file(token, bearer))
        pages = create_app(Desk(log, data_dir, patient), access, taken, room)
        serve(pages, bound, ready, room.close)
