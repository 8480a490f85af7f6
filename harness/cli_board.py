"""`htr-harness leaderboard`: build and serve a competition's site. A command's modules load when it runs."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli_options import Boards, Json, Site, print_json
from harness.nouns import InputError

app = typer.Typer(help="Build and look at a competition's site.", no_args_is_help=True)


@app.command("build")
def build(
    competition: Annotated[str, typer.Argument(help="The competition's name.")] = "demo",
    boards: Boards = Path("leaderboard"),
    site: Site = Path("site"),
    as_json: Json = False,
) -> None:
    """Build a competition's pages from its records; they open from the file system, without a network."""
    from harness.workplace import Workplace
    from leaderboard.building import build_site

    place = Workplace(boards=boards, site=site)
    page = build_site(place.competition(competition), place.board(competition), place.site / competition)
    if as_json:
        print_json({"page": str(page)})
    else:
        print(page.resolve().as_uri())


@app.command("serve")
def serve(
    competition: Annotated[str, typer.Argument(help="The competition's name.")] = "demo",
    port: Annotated[int, typer.Option("--port", help="Port on this machine.")] = 8000,
    site: Site = Path("site"),
) -> None:
    """Serve a built site on this machine alone, until Ctrl-C."""
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    folder = site / competition
    if not (folder / "index.html").is_file():
        raise InputError(f"{folder}: no site there; `htr-harness leaderboard build {competition}` makes it.")
    with ThreadingHTTPServer(("127.0.0.1", port), partial(SimpleHTTPRequestHandler, directory=str(folder))) as server:
        print(f"http://127.0.0.1:{server.server_port}/ (Ctrl-C ends it)", flush=True)
        server.serve_forever()
