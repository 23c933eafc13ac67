"""Stepping up: what matters most takes a proof from the last five minutes, whoever asks."""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64decode

import pytest
from msgspec.structs import replace
from tests.security.rooms import NS, PASSWORD, Room, enrolled
from tests.security.test_wallets import Phantom, answer, challenge, link

from quantdesk.departments.identity import (
    CreateApiKey,
    CreateSession,
    CreateStepUp,
    EndSession,
    EnrolTotp,
    Identity,
    RefreshSession,
    RemoveWallet,
    Session,
    SteppedUp,
    identity,
)
from quantdesk.departments.identity.back_off import FREE_FAILURES
from quantdesk.departments.identity.totp import STEP_S
from quantdesk.departments.trading import SetKillSwitch, trading
from quantdesk.faces.contract import document
from quantdesk.faces.http import HttpCore, HttpRequest
from quantdesk.gateways import GATEWAYS
from quantdesk.kernel import (
    Call,
    Caller,
    CallerKind,
    Forbidden,
    Gateway,
    Handler,
    InvalidInput,
    Misconfigured,
    NotFound,
    Operation,
    Policy,
    RateLimited,
    Refused,
    Seam,
    Stage,
    StepUpRequired,
    Unauthenticated,
    department,
    encode,
)
from quantdesk.policies import ROLES, Authorise, SteppingUp, StepUp

pytestmark = [pytest.mark.spec("SEC-1"), pytest.mark.spec("TST-4")]
WINDOW_S = 300
KEY = CreateApiKey(name="robot", scopes=("trading.read",))


async def door_of(room: Room, token: Session | SteppedUp) -> Identity:
    return room.served.open(await room.department.caller_of(token.access_token))


def test_what_takes_a_fresh_proof() -> None:
    declared = {
        operation.id: setting
        for gateway in GATEWAYS
        for operation in gateway.operations.values()
        if (setting := operation.setting(StepUp)) is not None
    }
    always = StepUp(max_age_s=WINDOW_S)
    assert declared == {
        "identity.create_api_key": always,
        "identity.link_wallet": always,
        "identity.remove_wallet": always,
        "identity.enrol_totp": always,
        "identity.disable_totp": always,
        "identity.create_passkey_options": always,
        "identity.register_passkey": always,
        "identity.remove_passkey": always,
        "trading.set_kill_switch": StepUp(max_age_s=WINDOW_S, when=("engaged", False)),
        "trading.set_reduce_only": StepUp(max_age_s=WINDOW_S, when=("engaged", False)),
        "trading.set_risk_limits": StepUp(max_age_s=WINDOW_S),
        "strategies.promote": StepUp(max_age_s=WINDOW_S, when=("to", "live")),
    }


class TestWithoutASecondFactor:
    async def test_the_password_counts_for_five_minutes(self, room: Room) -> None:
        door = await room.door()
        room.wait(WINDOW_S - 1)
        await door.create_api_key(KEY)
        room.wait(1)
        with pytest.raises(StepUpRequired) as refused:
            await door.create_api_key(KEY)
        assert refused.value.detail == {"max_age_s": "300"}

    async def test_entering_it_again_counts_again(self, room: Room) -> None:
        door = await room.door()
        room.wait(WINDOW_S)
        told = await door.create_step_up(CreateStepUp(password=PASSWORD))
        await (await door_of(room, told)).create_api_key(KEY)
        with pytest.raises(StepUpRequired):  # the token from before proves no more than it did
            await door.create_api_key(KEY)

    async def test_a_refreshed_token_is_as_old_a_proof_as_the_one_before(self, room: Room) -> None:
        first = await room.sign_in()
        assert first.refresh_token is not None
        room.wait(WINDOW_S - 1)
        again = RefreshSession(refresh_token=first.refresh_token)
        second = await room.nobody.refresh_session(again)
        await (await door_of(room, second)).create_api_key(KEY)
        room.wait(1)
        with pytest.raises(StepUpRequired):
            await (await door_of(room, second)).create_api_key(KEY)

    async def test_a_proof_holds_for_the_session_that_gave_it(self, room: Room) -> None:
        one, other = await room.sign_in(), await room.sign_in()
        room.wait(WINDOW_S)
        await (await door_of(room, one)).create_step_up(CreateStepUp(password=PASSWORD))
        assert other.refresh_token is not None
        renewed = await room.nobody.refresh_session(
            RefreshSession(refresh_token=other.refresh_token)
        )
        with pytest.raises(StepUpRequired):
            await (await door_of(room, renewed)).create_api_key(KEY)

    async def test_a_wrong_password_proves_nothing_and_gets_slow(self, room: Room) -> None:
        door = await room.door()
        for _ in range(FREE_FAILURES):
            with pytest.raises(Refused, match="password is wrong"):
                await door.create_step_up(CreateStepUp(password="not this one"))
        with pytest.raises(RateLimited):
            await door.create_step_up(CreateStepUp(password=PASSWORD))

    async def test_a_code_proves_nothing_without_an_app(self, room: Room) -> None:
        with pytest.raises(Refused, match="code is wrong"):
            await (await room.door()).create_step_up(CreateStepUp(code="123456"))


class TestWithASecondFactor:
    async def test_a_password_alone_is_not_enough_any_more(self, room: Room) -> None:
        await enrolled(room)
        door = await room.door()
        with pytest.raises(StepUpRequired):
            await door.create_api_key(KEY)
        with pytest.raises(Refused, match="not enough"):
            await door.create_step_up(CreateStepUp(password=PASSWORD))

    async def test_a_code_is_and_for_five_minutes(self, room: Room) -> None:
        app = await enrolled(room)
        told = await (await room.door()).create_step_up(CreateStepUp(code=app.code()))
        door = await door_of(room, told)
        await door.create_api_key(KEY)
        room.wait(WINDOW_S)
        with pytest.raises(StepUpRequired):
            await door.create_api_key(KEY)

    async def test_a_code_at_the_door_saves_the_step(self, room: Room) -> None:
        app = await enrolled(room)
        request = CreateSession(username="admin", password=PASSWORD, code=app.code())
        session = await room.nobody.create_session(request)
        await (await door_of(room, session)).create_api_key(KEY)
        with pytest.raises(Unauthenticated, match="wrong, used or late"):
            await room.nobody.create_session(request)

    async def test_a_desk_may_ask_for_it_at_the_door(self, room: Room) -> None:
        strict = await room.beside(strict=True)
        await strict.sign_in()  # there is no second factor yet
        app = await enrolled(room)
        with pytest.raises(Unauthenticated, match="second factor, too"):
            await strict.sign_in()
        request = CreateSession(username="admin", password=PASSWORD, code=app.code())
        await strict.nobody.create_session(request)
        wrong = replace(request, password="not this one", code=app.code(off_s=STEP_S))
        with pytest.raises(Unauthenticated, match="user name or the password"):
            await strict.nobody.create_session(wrong)

    async def test_at_a_strict_desk_a_wallet_alone_opens_nothing(self, room: Room) -> None:
        strict, wallet = await room.beside(strict=True), Phantom()
        await link(room, wallet)
        answered = answer(await challenge(strict, wallet), wallet)
        await strict.nobody.create_wallet_session(answered)
        await enrolled(room)
        with pytest.raises(Unauthenticated, match="second factor, too"):
            await strict.nobody.create_wallet_session(
                answer(await challenge(strict, wallet), wallet)
            )

    async def test_one_code_steps_up_one_session(self, room: Room) -> None:
        code = (await enrolled(room)).code()
        doors = [await room.door() for _ in range(4)]
        came = await asyncio.gather(
            *(door.create_step_up(CreateStepUp(code=code)) for door in doors),
            return_exceptions=True,
        )
        assert sum(isinstance(one, SteppedUp) for one in came) == 1
        assert sum(isinstance(one, Refused) for one in came) == 3

    async def test_the_first_factor_ends_the_sessions_that_a_password_opened(
        self, room: Room
    ) -> None:
        thief = await room.sign_in()
        await room.add("eve")
        hers = await room.sign_in("eve")
        await enrolled(room)
        assert not await room.works(thief.access_token)
        assert await room.works(hers.access_token)

    async def test_an_ended_session_steps_up_no_more(self, room: Room) -> None:
        app = await enrolled(room)
        door = await room.door()
        await door.end_session(EndSession())
        with pytest.raises(Unauthenticated):
            await door.create_step_up(CreateStepUp(code=app.code()))

    async def test_the_token_says_when_and_by_what(self, room: Room) -> None:
        app = await enrolled(room)
        told = await (await room.door()).create_step_up(CreateStepUp(code=app.code()))
        claims = json.loads(_payload(told.access_token))
        assert (claims["acr"], claims["auth_time"]) == ("second-factor", room.seam.now_ns() // NS)
        weak = json.loads(_payload((await room.sign_in()).access_token))
        assert "acr" not in weak
        assert "auth_time" not in weak


def _payload(token: str) -> bytes:
    middle = token.split(".")[1]
    return urlsafe_b64decode(middle + "=" * (-len(middle) % 4))


@pytest.mark.parametrize(
    "request_", [CreateStepUp(), CreateStepUp(code="123456", password=PASSWORD)]
)
async def test_one_proof_and_not_two(room: Room, request_: CreateStepUp) -> None:
    with pytest.raises(InvalidInput):
        await (await room.door()).create_step_up(request_)


async def test_a_key_steps_up_never(room: Room) -> None:
    made = await (await room.door()).create_api_key(
        CreateApiKey(name="robot", scopes=("identity.self",))
    )
    door = room.served.open(await room.department.caller_of(made.secret))
    with pytest.raises(Forbidden, match="only a person"):
        await door.create_step_up(CreateStepUp(password=PASSWORD))
    for refused in (door.enrol_totp(EnrolTotp()), door.create_api_key(KEY)):
        with pytest.raises(Forbidden, match="for people"):
            await refused


async def test_an_agent_has_none_of_its_persons_proof(room: Room) -> None:
    person = await room.caller(await room.sign_in())
    assert person.stepped_up_ns is not None
    agent = person.acting_as_agent("mikey", ROLES["agent"])
    assert agent.stepped_up_ns is None
    address = "7S3P4HxJpyyigGzodYwHtCxZyUQe9JiBMHyRWXArAaKv"
    with pytest.raises(Forbidden, match="for people"):
        await room.served.open(agent).remove_wallet(RemoveWallet(address=address))
    with pytest.raises(NotFound):
        await room.served.open(person).remove_wallet(RemoveWallet(address=address))


class LetThrough(Policy):
    """Ends every call that came this far, before anything happens."""

    stage = Stage.PROTECT

    def wrap(self, operation: Operation, proceed: Handler) -> Handler:
        async def end(call: Call) -> object:
            raise Refused(f"{operation.id} was let through")

        return end


class TestKillSwitch:
    """To stop is free; to trade again takes a fresh proof."""

    async def test_anybody_with_the_right_stops_and_only_a_proven_one_resumes(
        self, seam: Seam
    ) -> None:
        bare = type("Bare", (trading.protocol,), {})()
        served = trading.serve(bare, [Authorise(), SteppingUp(seam), LetThrough()])
        now = seam.now_ns()

        def rita(proven_ns: int | None) -> Caller:
            return Caller(
                caller_id="rita", kind=CallerKind.PERSON, permissions=ROLES["risk"],
                account="rita", stepped_up_ns=proven_ns,
            )  # fmt: skip

        stop = SetKillSwitch(engaged=True, reason="drill")
        resume = SetKillSwitch(engaged=False, reason="drill over")
        fresh, stale, never = rita(now), rita(now - WINDOW_S * NS), rita(None)
        desk = department("flows", "risk.manage")
        for caller in (fresh, stale, never, desk):
            with pytest.raises(Refused, match="let through"):
                await served.open(caller).set_kill_switch(stop)
        for caller in (fresh, desk):
            with pytest.raises(Refused, match="let through"):
                await served.open(caller).set_kill_switch(resume)
        for caller in (stale, never):
            with pytest.raises(StepUpRequired):
                await served.open(caller).set_kill_switch(resume)

    async def test_who_lacks_the_right_is_told_so_first(self, seam: Seam) -> None:
        bare = type("Bare", (trading.protocol,), {})()
        served = trading.serve(bare, [Authorise(), SteppingUp(seam)])
        eve = Caller(
            caller_id="eve", kind=CallerKind.PERSON, permissions=ROLES["viewer"], account="eve"
        )
        with pytest.raises(Forbidden, match="may not use"):
            await served.open(eve).set_kill_switch(SetKillSwitch(engaged=False, reason="x"))


def test_a_condition_on_a_field_that_is_not_there_is_found_at_once(seam: Seam) -> None:
    operation = identity.operations["create_api_key"]
    wrong = Operation(
        **{name: getattr(operation, name) for name in operation.__struct_fields__}
        | {"settings": (StepUp(when=("engaged", False)),)}
    )

    async def proceed(call: Call) -> object:
        return call

    with pytest.raises(Misconfigured, match="engaged"):
        SteppingUp(seam).wrap(wrong, proceed)


async def test_over_http_the_refusal_is_the_challenge_of_rfc_9470(room: Room) -> None:
    gateways: list[Gateway[Identity]] = [identity]
    core = HttpCore(
        [room.served], room.department.caller_of, room.seam, readiness=_ready, metrics=str,
        openapi=encode(document(gateways, "1")),
    )  # fmt: skip
    session = await room.sign_in()
    room.wait(WINDOW_S)
    response = await core.handle(
        HttpRequest(
            method="POST", path="/v1/identity/api-keys", query="", body=encode(KEY),
            headers=[
                (b"content-type", b"application/json"),
                (b"authorization", f"Bearer {session.access_token}".encode()),
            ],
        )
    )  # fmt: skip
    assert response.status == 401
    assert json.loads(response.body)["code"] == "step_up_required"
    challenge = dict(response.headers)[b"www-authenticate"]
    assert challenge == b'Bearer error="insufficient_user_authentication", max_age="300"'


async def _ready() -> dict[str, str]:
    return {}
