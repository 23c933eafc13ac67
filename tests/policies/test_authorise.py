"""Authorise: the operation's permission, or a refusal that says what is missing."""

from __future__ import annotations

import pytest

from quantdesk.kernel import NOBODY, Forbidden, Unauthenticated
from quantdesk.policies import ROLES, Authorise, permissions_of

from .workshop import Piece, Workshop, door, person

pytestmark = pytest.mark.spec("SEC-2")


async def test_the_permission_opens_and_nothing_else_does() -> None:
    workshop = Workshop()
    reader = door(workshop, Authorise(), caller=person("ann", "shop.read"))
    await reader.look(Piece(number=1))
    with pytest.raises(Forbidden) as refusal:
        await reader.make(Piece(number=2))
    assert "shop.make" in refusal.value.advice
    assert workshop.done == [1]


async def test_who_has_not_signed_in_is_told_so() -> None:
    workshop = Workshop()
    stranger = door(workshop, Authorise(), caller=NOBODY)
    with pytest.raises(Unauthenticated):
        await stranger.look(Piece())
    await stranger.rare(Piece(number=1))  # public
    assert workshop.done == [1]


async def test_a_stream_is_guarded_like_the_rest() -> None:
    stranger = door(Workshop(), Authorise(), caller=person("eve", "nothing"))
    with pytest.raises(Forbidden):
        await anext(stranger.watch(Piece()))


def test_an_unknown_role_grants_nothing() -> None:
    assert permissions_of(frozenset({"nobody"})) == frozenset()
    assert permissions_of(frozenset({"viewer", "nobody"})) == ROLES["viewer"]


def test_roles_that_stand_above_others_have_their_rights() -> None:
    assert ROLES["viewer"] <= ROLES["trader"] <= ROLES["admin"]
    assert ROLES["viewer"] <= ROLES["risk"]


@pytest.mark.spec("NEW-8")
def test_an_agent_has_no_right_that_its_user_lacks() -> None:
    user = person("ann", "trading.read", "ai.approve")
    agent = user.acting_as_agent("mikey", ROLES["agent"])
    assert agent.permissions == {"trading.read"}
    assert agent.account == "ann"
    for forbidden in ("trading.place", "ai.approve", "risk.manage", "identity.manage"):
        assert forbidden not in ROLES["agent"]
