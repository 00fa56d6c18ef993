"""From an account (people/accounts.py) to the person who asks: his role, and who he is among the agents."""

from appliance.people.register import Account
from appliance.people.roles import role_of
from appliance.web.office import Office
from appliance.web.session import Person


def person_of(office: Office, account: Account | None) -> Person | None:
    """None for nobody. An agent's account has the agent's id for its name."""
    if account is None:
        return None
    agent = next((each.id for each in office.document.agent if each.id == account.name), None)
    return Person(name=account.name, role=role_of(account.role), agent=agent)
