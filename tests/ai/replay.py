"""A scripted session of MIKEY on a random market, and the digest of all that it wrote down.

The replay test runs it here and in processes of its own.
"""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import numpy as np

from quantdesk.departments.ai import AIConfig, Approve, Chat
from quantdesk.kernel import Seam, encode
from quantdesk.services.database import Query

from .market import NS, batch
from .rooms import Rooms, open_rooms, person

START_NS = 1_723_161_254 * NS
TABLES = ("ai_recommendations", "ai_lessons", "ai_weights", "ai_memories")


async def session(folder: Path, seed: int) -> str:
    """Ninety seconds of two markets, a decision a second, lessons."""
    seam = Seam.replay(seed, START_NS)
    rooms = await open_rooms(folder, seam, AIConfig(exploration=0.5))
    await rooms.open_accounts("desk", "ada")
    draw = np.random.default_rng(seed)
    prices = {"SOL-USDC": 150.0, "BTC-USDT": 60_000.0}
    for second in range(90):
        for instrument, price in prices.items():
            prices[instrument] = await _second(rooms, draw, instrument, price, second)
        await _decide(rooms, draw)
    answer = await rooms.door(person("ada")).chat(Chat(message="buy 2 SOL"))
    digest = hashlib.sha256(encode(answer))
    await rooms.ai.close()
    for table in TABLES:
        sql = f"SELECT * FROM {table} ORDER BY sequence"  # noqa: S608 - one of our tables
        for row in (await rooms.database.query(Query(sql=sql))).rows:
            digest.update(encode(row))
    await rooms.close()
    return digest.hexdigest()


async def _second(
    rooms: Rooms, draw: np.random.Generator, instrument: str, price: float, second: int
) -> float:
    quotes, trades = [], []
    for tick in range(5):
        ns = START_NS + second * NS + tick * NS // 5 + 1
        price *= 1 + float(draw.normal()) * 1e-4
        sizes = draw.uniform(0.1, 3.0, 2)
        quotes.append((ns, price * 0.99999, price * 1.00001, float(sizes[0]), float(sizes[1])))
        trades.append((ns, price, float(draw.uniform(0.1, 9)), int(draw.choice([-1, 1]))))
    await rooms.feed(batch(quotes=quotes, trades=trades, instrument=instrument, offset=second))
    return price


async def _decide(rooms: Rooms, draw: np.random.Generator) -> None:
    for instrument in ("SOL-USDC", "BTC-USDT"):
        made = await rooms.recommend(instrument=instrument)
        if made.action != "hold":
            await rooms.flows.approve(Approve(recommendation_id=made.recommendation_id))
            await rooms.learn(made, float(draw.normal()) * 3)


def run(folder: Path, seed: int) -> str:
    return asyncio.run(session(folder, seed))
