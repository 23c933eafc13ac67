"""Attacks on wallet sign-in: replay, race, another domain, another purpose, another key, late."""

from __future__ import annotations

import asyncio

import pytest
from nacl.signing import SigningKey
from solders.pubkey import Pubkey
from tests.security.rooms import Room

from quantdesk.departments.identity import (
    CreateWalletChallenge,
    CreateWalletSession,
    LinkWallet,
    RemoveWallet,
    Session,
    WalletChallenge,
    WalletsQuery,
)
from quantdesk.departments.identity.challenges import CHALLENGE_S, Challenges
from quantdesk.departments.identity.wallets import WALLETS_MAX
from quantdesk.kernel import Conflict, InvalidInput, NotFound, Refused, Unauthenticated, convert
from quantdesk.services.database import Query

pytestmark = [pytest.mark.spec("BE-1"), pytest.mark.spec("TST-4")]
ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of the group that Ed25519 works in."""


class Phantom:
    """A wallet: it signs what it is shown."""

    def __init__(self, number: int = 1) -> None:
        self.key = SigningKey(bytes([number]) * 32)
        self.address = str(Pubkey(bytes(self.key.verify_key)))

    def sign(self, text: str) -> bytes:
        return self.key.sign(text.encode()).signature


async def challenge(room: Room, wallet: Phantom, link_to: str | None = None) -> WalletChallenge:
    return await room.nobody.create_wallet_challenge(
        CreateWalletChallenge(address=wallet.address, link_to=link_to)
    )


def answer(
    asked: WalletChallenge,
    wallet: Phantom,
    *,
    address: str | None = None,
    text: str | None = None,
    signature: bytes | None = None,
) -> CreateWalletSession:
    text = asked.text if text is None else text
    return CreateWalletSession(
        nonce=asked.nonce,
        address=address or wallet.address,
        signed_message=text.encode(),
        signature=signature or wallet.sign(text),
    )


async def link(room: Room, wallet: Phantom, name: str = "admin") -> None:
    asked = await challenge(room, wallet, name)
    told = answer(asked, wallet)
    door = await room.door(name)
    await door.link_wallet(
        LinkWallet(
            nonce=told.nonce, address=told.address, signed_message=told.signed_message,
            signature=told.signature,
        )
    )  # fmt: skip


@pytest.fixture
async def wallet(room: Room) -> Phantom:
    """A wallet linked to `admin`."""
    wallet = Phantom()
    await link(room, wallet)
    return wallet


async def test_a_linked_wallet_signs_in_as_its_user(room: Room, wallet: Phantom) -> None:
    asked = await challenge(room, wallet)
    session = await room.nobody.create_wallet_session(answer(asked, wallet))
    caller = await room.caller(session)
    assert (caller.account, caller.roles) == ("admin", frozenset({"admin"}))
    assert session.refresh_token is not None
    assert caller.stepped_up_ns is None  # one factor, and not the one that counts alone


async def test_the_text_is_what_the_standard_prescribes(room: Room, wallet: Phantom) -> None:
    asked = await challenge(room, wallet)
    assert asked.text == (
        "desk.example wants you to sign in with your Solana account:\n"
        f"{wallet.address}\n"
        "\n"
        "Sign in to QuantDesk.\n"
        "\n"
        "URI: https://desk.example\n"
        "Version: 1\n"
        "Chain ID: devnet\n"
        f"Nonce: {asked.nonce}\n"
        "Issued At: 2024-08-08T23:54:14.000Z\n"
        "Expiration Time: 2024-08-08T23:59:14.000Z"
    )
    assert len(asked.nonce) >= 8
    assert asked.nonce.isalnum()


async def test_an_answer_works_once(room: Room, wallet: Phantom) -> None:
    told = answer(await challenge(room, wallet), wallet)
    await room.nobody.create_wallet_session(told)
    with pytest.raises(Unauthenticated, match="unknown, used or expired"):
        await room.nobody.create_wallet_session(told)


async def test_of_many_equal_answers_sent_together_one_signs_in(
    room: Room, wallet: Phantom
) -> None:
    told = answer(await challenge(room, wallet), wallet)
    came = await asyncio.gather(
        *(room.nobody.create_wallet_session(told) for _ in range(16)), return_exceptions=True
    )
    assert sum(isinstance(one, Session) for one in came) == 1
    assert sum(isinstance(one, Unauthenticated) for one in came) == 15


async def test_a_wrong_answer_uses_the_challenge_up(room: Room, wallet: Phantom) -> None:
    asked = await challenge(room, wallet)
    with pytest.raises(Unauthenticated, match="not this wallet"):
        await room.nobody.create_wallet_session(answer(asked, wallet, signature=bytes(64)))
    with pytest.raises(Unauthenticated, match="unknown, used or expired"):
        await room.nobody.create_wallet_session(answer(asked, wallet))


async def test_a_challenge_lives_five_minutes(room: Room, wallet: Phantom) -> None:
    in_time, late = await challenge(room, wallet), await challenge(room, wallet)
    room.wait(CHALLENGE_S - 1)
    await room.nobody.create_wallet_session(answer(in_time, wallet))
    room.wait(1)
    with pytest.raises(Unauthenticated, match="expired"):
        await room.nobody.create_wallet_session(answer(late, wallet))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("desk.example wants", "evil.example wants"),
        ("URI: https://desk.example", "URI: https://evil.example"),
        ("Chain ID: devnet", "Chain ID: mainnet"),
        ("Sign in to QuantDesk.", "Sign in to QuantDesk.\n\nResources:\n- https://evil.example"),
        ("Version: 1", "Version: 1\nChain ID: mainnet"),
        ("23:59:14.000Z", "23:59:59.000Z"),
        ("\n", "\r\n"),
        ("account:", "account: "),
    ],
)
async def test_a_text_that_is_not_ours_is_refused_however_well_signed(
    room: Room, wallet: Phantom, ours: str, theirs: str
) -> None:
    asked = await challenge(room, wallet)
    changed = asked.text.replace(ours, theirs)
    assert changed != asked.text
    with pytest.raises(Unauthenticated, match="not what this desk asked for"):
        await room.nobody.create_wallet_session(answer(asked, wallet, text=changed))


async def test_a_challenge_of_another_desk_on_the_same_tables_is_refused(
    room: Room, wallet: Phantom
) -> None:
    other = await room.beside(origin="https://other.example")
    asked = await challenge(other, wallet)
    with pytest.raises(Unauthenticated, match="not what this desk asked for"):
        await room.nobody.create_wallet_session(answer(asked, wallet))


async def test_another_key_does_not_sign_for_this_wallet(room: Room, wallet: Phantom) -> None:
    thief = Phantom(2)
    asked = await challenge(room, wallet)
    with pytest.raises(Unauthenticated, match="not this wallet"):
        await room.nobody.create_wallet_session(
            answer(asked, wallet, signature=thief.sign(asked.text))
        )
    theirs = await challenge(room, thief)
    with pytest.raises(Unauthenticated, match="not what this desk asked for"):
        await room.nobody.create_wallet_session(answer(theirs, thief, address=wallet.address))


async def test_the_second_form_of_a_signature_is_refused(room: Room, wallet: Phantom) -> None:
    """(R, S + L) satisfies the equation too; RFC 8032 wants S < L."""
    asked = await challenge(room, wallet)
    signature = wallet.sign(asked.text)
    s = int.from_bytes(signature[32:], "little") + ORDER
    second = signature[:32] + s.to_bytes(32, "little")
    with pytest.raises(Unauthenticated, match="not this wallet"):
        await room.nobody.create_wallet_session(answer(asked, wallet, signature=second))


async def test_a_key_of_small_order_signs_nothing(room: Room) -> None:
    """With the neutral element as key, one signature fits every text."""
    neutral = str(Pubkey(bytes([1]) + bytes(31)))
    asked = await room.nobody.create_wallet_challenge(CreateWalletChallenge(address=neutral))
    anything = bytes([1]) + bytes(63)
    with pytest.raises(Unauthenticated, match="not this wallet"):
        await room.nobody.create_wallet_session(
            answer(asked, Phantom(), address=neutral, signature=anything)
        )


async def test_a_wallet_of_nobody_does_not_sign_in(room: Room) -> None:
    stranger = Phantom(3)
    with pytest.raises(Unauthenticated, match="linked to no user"):
        await room.nobody.create_wallet_session(answer(await challenge(room, stranger), stranger))


async def test_signing_in_and_linking_answer_different_challenges(
    room: Room, wallet: Phantom
) -> None:
    await room.add("eve")
    for_link = await challenge(room, wallet, "admin")
    with pytest.raises(Unauthenticated, match="not what this desk asked for"):
        await room.nobody.create_wallet_session(answer(for_link, wallet))
    mine = Phantom(4)
    for asked in (await challenge(room, mine), await challenge(room, mine, "admin")):
        told = answer(asked, mine)
        request = LinkWallet(
            nonce=told.nonce, address=told.address, signed_message=told.signed_message,
            signature=told.signature,
        )  # fmt: skip
        with pytest.raises(Refused, match="not what this desk asked for"):
            await (await room.door("eve")).link_wallet(request)
    assert (await (await room.door("eve")).list_wallets(WalletsQuery())).wallets == []


@pytest.mark.parametrize(
    "address",
    [
        "7S3P4HxJpyyigGzodYwHtCxZyUQe9JiBMHyRWXArAaKv\nURI: https://evil.example",
        "7S3P4HxJpyyigGzodYwHtCxZyUQe9JiBMHyRWXArAaKv\n",
        "0S3P4HxJpyyigGzodYwHtCxZyUQe9JiBMHyRWXArAaKv",
        "7S3P4HxJpyyigGzodYwHtCxZyUQe9JiBMHy",
        "11111111111111111111111111111111111111111111",
        "",
    ],
)
async def test_what_is_no_address_gets_no_text(room: Room, address: str) -> None:
    with pytest.raises(InvalidInput):
        await room.nobody.create_wallet_challenge(
            convert({"address": address}, CreateWalletChallenge)
        )


@pytest.mark.parametrize("name", ["admin\nURI: https://evil.example", "admin\n", "Admin", ""])
async def test_what_is_no_user_name_gets_into_no_text(room: Room, name: str) -> None:
    with pytest.raises(InvalidInput):
        await room.nobody.create_wallet_challenge(
            convert({"address": Phantom().address, "link_to": name}, CreateWalletChallenge)
        )


async def test_a_wallet_has_one_user(room: Room, wallet: Phantom) -> None:
    await room.add("eve")
    with pytest.raises(Conflict, match="another user"):
        await link(room, wallet, "eve")
    await link(room, wallet)  # again by its owner: nothing changes
    assert len((await (await room.door()).list_wallets(WalletsQuery())).wallets) == 1


async def test_a_removed_wallet_signs_in_no_more_and_only_its_owner_removes_it(
    room: Room, wallet: Phantom
) -> None:
    await room.add("eve")
    request = RemoveWallet(address=wallet.address)
    with pytest.raises(NotFound):
        await (await room.door("eve")).remove_wallet(request)
    await room.nobody.create_wallet_session(answer(await challenge(room, wallet), wallet))
    assert (await (await room.door()).remove_wallet(request)).removed
    with pytest.raises(Unauthenticated, match="linked to no user"):
        await room.nobody.create_wallet_session(answer(await challenge(room, wallet), wallet))


async def test_as_many_wallets_as_allowed_and_one_more(room: Room) -> None:
    for number in range(WALLETS_MAX):
        await link(room, Phantom(number + 10))
    with pytest.raises(Refused, match="the most"):
        await link(room, Phantom(200))


async def test_a_flood_of_challenges_is_bounded_and_pushes_out_the_oldest(room: Room) -> None:
    challenges = Challenges(room.database, room.seam, challenges_max=3)
    for number in range(4):
        await challenges.keep(f"nonce-{number}", "wallet", str(number))
    rows = await room.database.query(Query(sql="SELECT count(*) FROM identity_challenges"))
    assert rows.rows == [(3,)]
    assert await challenges.take("nonce-0", "wallet") is None
    assert [await challenges.take(f"nonce-{n}", "wallet") for n in (1, 2, 3)] == ["1", "2", "3"]
