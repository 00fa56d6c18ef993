"""GET /queues (A3)."""

from appliance.web.api.noun import Noun
from appliance.web.api.shapes import Queue, queue
from appliance.web.ask import Ask

NOUN = Noun("queues")


@NOUN.on("GET", "/queues", gives=list[Queue])
async def queues(ask: Ask) -> object:
    """The queues, and how many wait in each."""
    return [queue(view) for view in ask.office.snapshot().queues]
