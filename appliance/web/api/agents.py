"""GET /agents: the people who answer, what they want to be, and their missed offers of today (A4)."""

from appliance.web.api.noun import Noun
from appliance.web.api.shapes import Agent, agent
from appliance.web.ask import Ask

NOUN = Noun("agents")


@NOUN.on("GET", "/agents", gives=list[Agent])
async def agents(ask: Ask) -> object:
    """All agents of the configuration."""
    return [agent(view) for view in ask.office.snapshot().agents]
