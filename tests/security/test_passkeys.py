"""Attacks on passkeys: another origin, replayed challenges and counters, another user's key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from tests.security.authenticator import PRESENT, Authenticator, text
from tests.security.rooms import PASSWORD, Room

from quantdesk.departments.identity import (
    CreateApiKey,
    CreatePasskeyChallenge,
    CreatePasskeyOptions,
    CreatePasskeySession,
    CreateStepUp,
    CreateStepUpChallenge,
    Passkey,
    PasskeyAssertion,
    RemovePasskey,
    SecondFactorsQuery,
    Session,
    SteppedUp,
)
from quantdesk.departments.identity.challenges import CHALLENGE_S
from quantdesk.departments.identity.passkeys import PASSKEYS_MAX
from quantdesk.kernel import Conflict, NotFound, Refused, StepUpRequired, Unauthenticated
from quantdesk.services.database import Query

pytestmark = [pytest.mark.spec("SEC-1"), pytest.mark.spec("BE-1"), pytest.mark.spec("TST-4")]
KEY = CreateApiKey(name="robot", scopes=("trading.read",))


async def register(room: Room, device: Authenticator, name: str = "admin") -> Passkey:
    """Add a first passkey of a user who has just signed in with a password."""
    door = await room.door(name)
    options = await door.create_passkey_options(CreatePasskeyOptions())
    return await door.register_passkey(device.create(options))


async def sign_in(
    room: Room, device: Authenticator, change: Callable[[PasskeyAssertion], PasskeyAssertion]
) -> Session:
    options = await room.nobody.create_passkey_challenge(CreatePasskeyChallenge())
    return await room.nobody.create_passkey_session(as_session(change(device.get(options))))


def as_session(answer: PasskeyAssertion) -> CreatePasskeySession:
    return CreatePasskeySession(
        credential_id=answer.credential_id, client_data_json=answer.client_data_json,
        authenticator_data=answer.authenticator_data, signature=answer.signature,
    )  # fmt: skip


def same(answer: PasskeyAssertion) -> PasskeyAssertion:
    return answer


@pytest.fixture(params=["P-256", "Ed25519"])
async def device(room: Room, request: pytest.FixtureRequest) -> Authenticator:
    """A device with a passkey of `admin`."""
    device = Authenticator(curve=request.param)
    await register(room, device)
    return device


class TestSignIn:
    async def test_a_passkey_signs_in_as_its_user_with_a_fresh_proof(
        self, room: Room, device: Authenticator
    ) -> None:
        session = await sign_in(room, device, same)
        caller = await room.caller(session)
        assert (caller.account, caller.stepped_up_ns) == ("admin", room.seam.now_ns())
        await room.served.open(caller).create_api_key(KEY)

    async def test_before_somebody_signs_in_nothing_tells_who_has_passkeys(
        self, room: Room, device: Authenticator
    ) -> None:
        options = await room.nobody.create_passkey_challenge(CreatePasskeyChallenge())
        assert (options.rp_id, options.allow_credentials) == ("desk.example", [])
        assert options.user_verification == "required"
        assert text(device.credential_id) not in options.challenge

    async def test_a_challenge_is_answered_once(self, room: Room, device: Authenticator) -> None:
        options = await room.nobody.create_passkey_challenge(CreatePasskeyChallenge())
        answer = as_session(device.get(options))
        await room.nobody.create_passkey_session(answer)
        with pytest.raises(Unauthenticated):
            await room.nobody.create_passkey_session(answer)
        with pytest.raises(Unauthenticated):
            await room.nobody.create_passkey_session(as_session(device.get(options)))

    async def test_of_many_equal_answers_sent_together_one_signs_in(
        self, room: Room, device: Authenticator
    ) -> None:
        options = await room.nobody.create_passkey_challenge(CreatePasskeyChallenge())
        answer = as_session(device.get(options))
        came = await asyncio.gather(
            *(room.nobody.create_passkey_session(answer) for _ in range(8)),
            return_exceptions=True,
        )
        assert sum(isinstance(one, Session) for one in came) == 1
        assert sum(isinstance(one, Unauthenticated) for one in came) == 7

    async def test_a_challenge_lives_five_minutes(self, room: Room, device: Authenticator) -> None:
        options = await room.nobody.create_passkey_challenge(CreatePasskeyChallenge())
        room.wait(CHALLENGE_S)
        with pytest.raises(Unauthenticated):
            await room.nobody.create_passkey_session(as_session(device.get(options)))

    @pytest.mark.parametrize(
        "lure",
        [
            {"origin": "https://evil.example"},
            {"origin": "http://desk.example"},
            {"origin": "https://desk.example:8443"},
            {"origin": "https://desk.example.evil.example"},
            {"rp_id": "evil.example"},
            {"extra": {"crossOrigin": True}},
            {"extra": {"topOrigin": "https://evil.example"}},
            {"flags": PRESENT},
            {"flags": 0},
        ],
        ids=str,
    )
    async def test_an_answer_given_elsewhere_proves_nothing_here(
        self, room: Room, device: Authenticator, lure: dict[str, object]
    ) -> None:
        for name, value in lure.items():
            setattr(device, name, value)
        with pytest.raises(Unauthenticated):
            await sign_in(room, device, same)

    async def test_a_counter_that_does_not_go_up_is_a_copied_key(
        self, room: Room, device: Authenticator
    ) -> None:
        await sign_in(room, device, same)
        device.count -= 1  # the next answer repeats the counter of the last
        with pytest.raises(Unauthenticated):
            await sign_in(room, device, same)
        device.count = 0
        with pytest.raises(Unauthenticated):
            await sign_in(room, device, same)
        device.count = 40
        await sign_in(room, device, same)

    async def test_a_passkey_that_does_not_count_works(self, room: Room) -> None:
        synced = Authenticator(9, counts=False)
        await register(room, synced)
        for _ in range(2):
            await sign_in(room, synced, same)

    async def test_another_keys_signature_proves_nothing(
        self, room: Room, device: Authenticator
    ) -> None:
        thief = Authenticator(7, curve=device.curve)
        thief.count = 100
        thief.credential_id = device.credential_id
        with pytest.raises(Unauthenticated):
            await sign_in(room, thief, same)
        unknown = Authenticator(8)
        with pytest.raises(Unauthenticated):
            await sign_in(room, unknown, same)

    @pytest.mark.parametrize("field", PasskeyAssertion.__struct_fields__)
    @pytest.mark.parametrize("junk", ["A", "AAAA", text(b"{}"), text(b"\xff" * 200), "_" * 8_192])
    async def test_junk_in_any_field_is_refused(
        self, room: Room, device: Authenticator, field: str, junk: str
    ) -> None:
        with pytest.raises(Unauthenticated):
            await sign_in(room, device, lambda answer: replace(answer, **{field: junk}))

    async def test_the_other_ceremonys_answer_is_none_for_this_one(
        self, room: Room, device: Authenticator
    ) -> None:
        options = await room.nobody.create_passkey_challenge(CreatePasskeyChallenge())
        answer = device.get(options, kind="webauthn.create")
        with pytest.raises(Unauthenticated):
            await room.nobody.create_passkey_session(as_session(answer))


class TestRegistration:
    async def test_options_name_the_desk_the_user_and_the_keys_there_are(
        self, room: Room, device: Authenticator
    ) -> None:
        door = room.served.open(await room.caller(await sign_in(room, device, same)))
        options = await door.create_passkey_options(CreatePasskeyOptions())
        assert (options.rp.id, options.user.name) == ("desk.example", "admin")
        assert [known.id for known in options.exclude_credentials] == [text(device.credential_id)]
        assert options.attestation == "none"
        listed = (await door.get_second_factors(SecondFactorsQuery())).passkeys
        assert [passkey.name for passkey in listed] == ["laptop"]

    async def test_a_registration_answers_its_own_challenge_once(self, room: Room) -> None:
        door = await room.door()
        options = await door.create_passkey_options(CreatePasskeyOptions())
        request = Authenticator().create(options)
        await door.register_passkey(request)
        with pytest.raises(Refused):
            await door.register_passkey(request)
        with pytest.raises(Refused):
            await door.register_passkey(Authenticator(2).create(options))

    async def test_nobody_registers_with_a_challenge_of_somebody_else(self, room: Room) -> None:
        await room.add("eve")
        theirs = await (await room.door()).create_passkey_options(CreatePasskeyOptions())
        with pytest.raises(Refused):
            await (await room.door("eve")).register_passkey(Authenticator().create(theirs))

    @pytest.mark.parametrize(
        "lure",
        [
            {"origin": "https://evil.example"},
            {"rp_id": "evil.example"},
            {"extra": {"crossOrigin": True}},
            {"flags": PRESENT},
            {"flags": 0},
        ],
        ids=str,
    )
    async def test_a_key_made_elsewhere_is_not_registered(
        self, room: Room, lure: dict[str, object]
    ) -> None:
        device = Authenticator()
        for name, value in lure.items():
            setattr(device, name, value)
        with pytest.raises(Refused):
            await register(room, device)
        rows = await room.database.query(Query(sql="SELECT count(*) FROM identity_passkeys"))
        assert rows.rows == [(0,)]

    @pytest.mark.parametrize("fmt", ["packed", "tpm", "android-safetynet", "nonsense"])
    async def test_an_attestation_without_a_statement_is_refused(
        self, room: Room, fmt: str
    ) -> None:
        door = await room.door()
        options = await door.create_passkey_options(CreatePasskeyOptions())
        with pytest.raises(Refused):
            await door.register_passkey(Authenticator().create(options, fmt=fmt))

    async def test_a_key_has_one_user(self, room: Room, device: Authenticator) -> None:
        await room.add("eve")
        with pytest.raises(Conflict):
            await register(room, device, "eve")

    async def test_as_many_passkeys_as_allowed_and_one_more(self, room: Room) -> None:
        device = Authenticator(1)
        await register(room, device)
        door = room.served.open(await room.caller(await sign_in(room, device, same)))
        for number in range(2, PASSKEYS_MAX + 2):
            options = await door.create_passkey_options(CreatePasskeyOptions())
            answer = Authenticator(number).create(options)
            if number <= PASSKEYS_MAX:
                await door.register_passkey(answer)
            else:
                with pytest.raises(Refused, match="the most"):
                    await door.register_passkey(answer)


class TestStepUp:
    async def step_up(
        self, room: Room, device: Authenticator, name: str = "admin"
    ) -> tuple[SteppedUp, PasskeyAssertion]:
        door = await room.door(name)
        options = await door.create_step_up_challenge(CreateStepUpChallenge())
        answer = device.get(options)
        return await door.create_step_up(CreateStepUp(passkey=answer)), answer

    async def test_a_passkey_steps_up_and_the_password_does_no_more(
        self, room: Room, device: Authenticator
    ) -> None:
        door = await room.door()
        with pytest.raises(StepUpRequired):
            await door.create_api_key(KEY)
        with pytest.raises(Refused, match="not enough"):
            await door.create_step_up(CreateStepUp(password=PASSWORD))
        told, _ = await self.step_up(room, device)
        caller = await room.department.caller_of(told.access_token)
        await room.served.open(caller).create_api_key(KEY)

    async def test_an_answer_steps_up_once(self, room: Room, device: Authenticator) -> None:
        _, answer = await self.step_up(room, device)
        with pytest.raises(Refused):
            await (await room.door()).create_step_up(CreateStepUp(passkey=answer))

    async def test_another_users_passkey_does_not_step_up(
        self, room: Room, device: Authenticator
    ) -> None:
        await room.add("eve")
        with pytest.raises(Refused, match="your challenge"):
            await self.step_up(room, device, "eve")
        hers = Authenticator(5)
        await register(room, hers, "eve")
        with pytest.raises(Refused, match="your challenge"):
            await self.step_up(room, hers)

    async def test_an_answer_to_sign_in_does_not_step_up_nor_the_other_way(
        self, room: Room, device: Authenticator
    ) -> None:
        door = await room.door()
        to_sign_in = await room.nobody.create_passkey_challenge(CreatePasskeyChallenge())
        with pytest.raises(Refused):
            await door.create_step_up(CreateStepUp(passkey=device.get(to_sign_in)))
        to_step_up = await door.create_step_up_challenge(CreateStepUpChallenge())
        with pytest.raises(Unauthenticated):
            await room.nobody.create_passkey_session(as_session(device.get(to_step_up)))


async def test_only_its_owner_removes_a_passkey_and_then_it_proves_nothing(room: Room) -> None:
    device, hers = Authenticator(1), Authenticator(2)
    passkey = await register(room, device)
    await room.add("eve")
    await register(room, hers, "eve")
    eve = room.served.open(await room.caller(await sign_in(room, hers, same)))
    with pytest.raises(NotFound):
        await eve.remove_passkey(RemovePasskey(passkey_id=passkey.passkey_id))
    admin = room.served.open(await room.caller(await sign_in(room, device, same)))
    assert (await admin.remove_passkey(RemovePasskey(passkey_id=passkey.passkey_id))).removed
    with pytest.raises(Unauthenticated):
        await sign_in(room, device, same)


async def test_an_answer_that_another_process_counted_first_is_refused(room: Room) -> None:
    """Two processes read the same counter; the second to write sees that it moved."""
    device = Authenticator()
    await register(room, device)
    other = await room.beside()
    options = [
        await door.create_passkey_challenge(CreatePasskeyChallenge())
        for door in (room.nobody, other.nobody)
    ]
    first, second = device.get(options[0]), device.get(options[1])
    await other.nobody.create_passkey_session(as_session(second))
    with pytest.raises(Unauthenticated):
        await room.nobody.create_passkey_session(as_session(first))


@pytest.mark.parametrize("field", ["credential_id", "client_data_json", "attestation_object"])
@pytest.mark.parametrize("junk", ["A", "AAAA", text(b"{}"), text(b"\xff" * 200), "_" * 8_192])
async def test_junk_in_any_field_of_a_registration_is_refused(
    room: Room, field: str, junk: str
) -> None:
    door = await room.door()
    request = Authenticator().create(await door.create_passkey_options(CreatePasskeyOptions()))
    with pytest.raises(Refused):
        await door.register_passkey(replace(request, **{field: junk}))


@pytest.mark.parametrize("challenge", ["\\ud800", "a\\u0000b", "\\u00e9", "x" * 4_000, ""])
async def test_whatever_a_challenge_is_called_it_is_unknown(room: Room, challenge: str) -> None:
    client = f'{{"type":"webauthn.get","challenge":"{challenge}","origin":"x"}}'
    answer = CreatePasskeySession(
        credential_id="AAAA", client_data_json=text(client.encode()), authenticator_data="AAAA",
        signature="AAAA",
    )  # fmt: skip
    with pytest.raises(Unauthenticated):
        await room.nobody.create_passkey_session(answer)
