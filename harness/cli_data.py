"""`htr-harness data`: make, import and describe datasets. A command's modules load when it runs."""

from pathlib import Path
from typing import Annotated, Any

import typer

from harness.cli_options import DataRoot, Json, print_json

app = typer.Typer(help="Make, import and describe datasets of text lines.", no_args_is_help=True)

Replace = Annotated[bool, typer.Option("--replace", help="Replace a dataset of the same name.")]
Height = Annotated[int, typer.Option("--height", min=16, max=256, help="Height of the lines in pixels.")]


@app.command("make")
def make(
    kind: Annotated[str, typer.Argument(help="What to make: synthetic.")],
    name: Annotated[str, typer.Option("--name", help="The dataset's name (default: its kind).")] = "",
    height: Height = 64,
    seed: Annotated[int, typer.Option("--seed", help="Same seed, same bytes.")] = 1,
    replace_it: Replace = False,
    data_root: DataRoot = Path("data"),
    as_json: Json = False,
) -> None:
    """Make a dataset: `synthetic`, seeded English lines drawn with handwriting fonts."""
    from harness.datasets.making import make_dataset
    from harness.terminal import Terminal

    with Terminal(quiet=as_json) as show:
        folder, dataset = make_dataset(kind, data_root, name or kind, height, seed, replace_it, show)
    _print_dataset(folder, dataset, as_json)


@app.command("import")
def import_(
    kind: Annotated[str, typer.Argument(help="What to import: pairs (an image and its .gt.txt).")],
    source: Annotated[Path, typer.Argument(help="The folder to read.")],
    name: Annotated[str, typer.Option("--name", help="The dataset's name (default: the folder's).")] = "",
    height: Height = 64,
    writers: Annotated[Path | None, typer.Option("--writers", help="CSV or TSV: image, writer.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Draws the parts where the source has none.")] = 1,
    licence: Annotated[str, typer.Option("--licence", help="The licence's name, shown with every score.")] = "unknown",
    origin: Annotated[str, typer.Option("--source", help="Where the lines come from, shown with every score.")] = "",
    public: Annotated[bool, typer.Option("--public-images", help="Validation lines may be shown on pages.")] = False,
    replace_it: Replace = False,
    data_root: DataRoot = Path("data"),
    as_json: Json = False,
) -> None:
    """Import a dataset: `pairs`, in folders train, valid and test or drawn by writer."""
    from harness.datasets.making import import_dataset
    from harness.nouns import Licence
    from harness.terminal import Terminal

    terms = Licence(licence, origin, public)
    with Terminal(quiet=as_json) as show:
        folder, dataset = import_dataset(
            kind, source, data_root, name or source.resolve().name, height, writers, seed, terms, replace_it, show
        )
    _print_dataset(folder, dataset, as_json)


@app.command("info")
def info(
    name: Annotated[str, typer.Argument(help="A dataset's name or folder.")],
    data_root: DataRoot = Path("data"),
    as_json: Json = False,
) -> None:
    """Describe a dataset and check every digest in it."""
    from harness.datasets.folder import open_dataset
    from harness.workplace import Workplace

    folder = Workplace(data_root).dataset(name)
    _print_dataset(folder, open_dataset(folder, whole=True), as_json)


def _print_dataset(folder: Path, dataset: Any, as_json: bool) -> None:
    from harness.datasets.folder import described
    from harness.documents import plain

    if as_json:
        print_json({"folder": str(folder), "dataset": plain(dataset)})
    else:
        print("\n".join(described(folder, dataset)))
