"""The nouns are found by themselves: each file of api/ that has a `NOUN`."""

from importlib import import_module
from pkgutil import iter_modules

from appliance.web import api
from appliance.web.api.noun import Noun


def nouns(demo: bool) -> list[Noun]:
    """All nouns, those of the demonstration only where it is one."""
    modules = [import_module(f"{api.__name__}.{found.name}") for found in iter_modules(api.__path__)]
    given: list[Noun] = [module.NOUN for module in modules if hasattr(module, "NOUN")]
    return [noun for noun in given if demo or not noun.demo]
