"""The reference submission's own program: `python train.py DATA OUT`, settings from submission.toml beside it."""

import tomllib
from functools import partial
from pathlib import Path

from baseline.networks import Shape, build_model
from baseline.recipe import Recipe
from baseline.settings import read_settings
from baseline.standard import main

if __name__ == "__main__":
    table = tomllib.loads(Path(__file__).with_name("submission.toml").read_text("utf-8"))
    shape, recipe = read_settings(table.get("recipe", {}), Shape, Recipe)
    main(partial(build_model, shape=shape), recipe)
