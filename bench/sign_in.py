"""Whether time tells that an account exists: pairs of a known and an unknown one, in an order by chance, one process.

Each pair has accounts of its own, since tries are counted. What is queued after an answer has time to be done before
the next is asked.
"""

import argparse
import asyncio
import os
import random
import time
from collections.abc import Callable
from statistics import median, quantiles
from typing import Any, Final

import httpx

from bench._measuring import SECRET, installed
from bench.live import serving
from service.accounts.actions import NewClient, add_client, add_staff
from service.accounts.sign_in import hash_password
from service.clock import monotonic, utc_now
from service.database.tenancy import SYSTEM, Database
from tests.make import make_team

PAUSE = 0.05
WAYS: Final[dict[str, Callable[[str], dict[str, Any]]]] = {
    "/v1/sign-in": lambda email: {"json": {"email": email, "password": "wrong horse battery staple"}},
    "/v1/sign-in/code": lambda email: {"json": {"address": email}},
    "/v1/sign-in/code/check": lambda email: {"json": {"address": email, "code": "000000"}},
    "/staff/sign-in/by-mail": lambda email: {"data": {"email": email}},
}
STAFF = ("/v1/sign-in", "/staff/sign-in/by-mail")


async def people(app_url: str, pairs: int) -> dict[str, list[str]]:
    """Way to the emails of those who are there: staff or clients, whose it is."""
    database, now = Database(app_url), utc_now()
    team = await make_team(database, stocked=False, now=now)
    password_hash = hash_password("the same for all of them")
    known = {way: [f"known{n:04d}@way{place}.example" for n in range(pairs)] for place, way in enumerate(WAYS)}
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        for way, emails in known.items():
            for email in emails:
                if way in STAFF:
                    await add_staff(
                        session, name="Known", email=email, role="therapist", password_hash=password_hash, now=now
                    )
                else:
                    new = NewClient("Known", "UTC", "en", team.therapist_id, None, email, {"email": "Yes"})
                    await add_client(session, new, now)
    await database.close()
    return known


def asked(client: httpx.Client, way: str, email: str) -> tuple[float, int, int]:
    began = monotonic()
    answer = client.post(way, **WAYS[way](email))
    took = monotonic() - began
    time.sleep(PAUSE)
    return took * 1000, answer.status_code, len(answer.content)


def compare(url: str, way: str, emails: list[str]) -> None:
    found: dict[bool, list[tuple[float, int, int]]] = {True: [], False: []}
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        for email in emails:
            for is_known in random.sample((True, False), 2):
                name = email if is_known else email.replace("known", "other")
                found[is_known].append(asked(client, way, name))
    times = {is_known: [took for took, *_ in rows] for is_known, rows in found.items()}
    alike = {tuple(rest) for rows in found.values() for _, *rest in rows}
    middle = {is_known: median(values) for is_known, values in times.items()}
    spread = {is_known: quantiles(values, n=4) for is_known, values in times.items()}
    print(
        f"{way:26} known {middle[True]:7.2f} ms ({spread[True][0]:.1f}–{spread[True][2]:.1f}), "
        f"unknown {middle[False]:7.2f} ({spread[False][0]:.1f}–{spread[False][2]:.1f}), "
        f"apart {abs(middle[True] - middle[False]):5.2f}; "
        f"answers of {len(alike)} kind, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench sign_in", description=__doc__)
    parser.add_argument("--pairs", type=int, default=200)
    pairs = parser.parse_args().pairs
    with installed() as (server, *_):
        app_url = server.url("b_app", SECRET, "bench")
        known = asyncio.run(people(app_url, pairs))
        with serving(app_url) as (url, _):
            for way, emails in known.items():
                compare(url, way, emails)


if __name__ == "__main__":
    main()
