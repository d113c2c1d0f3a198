"""A scanner of mails and texts: it opens every link that we ever send, runs what the pages run, goes on along what they
link to, and presses nothing. Nothing may come of it."""

import hashlib
import os
import re
import secrets
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import urldefrag, urlsplit
from uuid import uuid4

import httpx
import psycopg
from psycopg import sql

from service.accounts.rules import LINK_PURPOSES, LinkPurpose
from service.clock import utc_now
from tests.acceptance.processes import eventually
from tests.e2e.conftest import Newcomer, Site

LINK = re.compile(r"https?://[^\s<>\"']+")
MADE = [one for one in LINK_PURPOSES if one != LinkPurpose.HELPER]
HREFS = "[...document.querySelectorAll('[href], form')].map((one) => one.href || (one.method === 'get' && one.action))"
AFTER_LOAD_MS = 60
# What may change while people only look (decision 0004), or by the clock of the process that serves the pages.
LOOKED = {
    "sign_in_session": "to_jsonb(t) - 'seen_at'",
    "clinic": "to_jsonb(t) - 'alerts_at'",
    "audit_head": "to_jsonb(t) - 'anchored_at' - 'anchored_number'",
    "audit_entry": "(SELECT to_jsonb(t) WHERE t.action <> 'read')",
    "digest_mail": "(SELECT to_jsonb(t) WHERE t.kind NOT IN ('caseload', 'overdue', 'anchor'))",
}


def kept(site: Site) -> dict[str, tuple[int, str]]:
    """Of each table how many rows, and a hash over all that is in them and who wrote them last."""
    with psycopg.connect(site.demo.database_url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        found = {}
        for (table,) in tables:
            row = sql.SQL(LOOKED.get(table, "jsonb_build_array(to_jsonb(t), t.xmin::text)"))
            hashes = sql.SQL("SELECT md5(({})::text) AS one FROM {} t").format(row, sql.Identifier(table))
            told = sql.SQL("SELECT count(one), md5(string_agg(one, '' ORDER BY one)) FROM ({}) h").format(hashes)
            found[table] = connection.execute(told).fetchone()
    return found  # type: ignore[return-value]


@contextmanager
def nobody_reminds(site: Site) -> Iterator[None]:
    """The notifier writes by the clock, whoever looks."""
    processes = site.demo.children("scheduler")
    assert processes
    for one in processes:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in processes:
            os.kill(one, signal.SIGCONT)


def link_for_each_purpose(site: Site, who: Newcomer) -> list[str]:
    """As they stand in messages."""
    tokens = {purpose: secrets.token_hex(11) for purpose in MADE}
    with psycopg.connect(site.demo.database_url) as connection:
        for purpose, token in tokens.items():
            connection.execute(
                "INSERT INTO link (clinic_id, id, client_id, purpose, token_hash, day, contact_point_id, created_at,"
                " expires_at) SELECT clinic_id, %s, client_id, %s, %s, %s, id, now(), now() + interval '1 day'"
                " FROM contact_point WHERE client_id = %s",
                (uuid4(), purpose, hashlib.sha256(token.encode()).digest(), who.plan["starts_on"], who.id),
            )
    return [f"/r/{token}" for token in tokens.values()]


def link_for_a_helper(tab: Any) -> str:
    tab.goto("/devices")
    tab.get_by_text("Name a helper").click()
    tab.locator("input[name=name]").fill("Ana Lopez")
    tab.locator("input[value=family]").check()
    tab.locator("input[name=contact]").fill("ana@mail.example")
    tab.get_by_role("button", name="Make the link").click()
    return str(tab.locator(".hand-over code").inner_text())


def links_for_staff(site: Site) -> list[str]:
    """An invitation, and a sign-in by email."""
    address = f"iris.{utc_now().timestamp():.0f}@northside.example"
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', site.api.get("/team").text)
    assert found
    new = {"name": "Iris Ito", "email": address, "role": "therapist", "csrf": found[1]}
    assert site.api.post("/team", data=new, follow_redirects=False).status_code == 303
    with psycopg.connect(site.demo.database_url) as connection:
        [sam] = connection.execute("SELECT email FROM staff WHERE name = 'Sam Carter'").fetchone() or [""]
    asked = httpx.post(f"{site.url}/staff/sign-in/by-mail", data={"email": sam}, trust_env=False)
    assert asked.status_code < 400
    for path in ("/staff/join/", "/staff/sign-in/by-mail/"):
        eventually(f"a mail with {path}", partial(_mailed, site, path))
    return [site.sam_link]


def _mailed(site: Site, path: str) -> bool:
    return any(path in one for one in links_of_messages(site))


def links_of_messages(site: Site) -> list[str]:
    """Whatever a program finds in the newest message of each kind: words, pages and headers."""
    came = httpx.get(f"{site.url}/dev/inbox/messages", trust_env=False).json()["data"]
    newest = {(one["kind"], one["medium"], one.get("subject")): one for one in came}
    return LINK.findall(" ".join(map(repr, newest.values())).replace("\\n", " "))


def scan(tab: Any, site: Site, starts: list[str]) -> set[str]:
    """Every page that is reached from there, opened and waited for."""
    waiting, seen = [site.url + one if one.startswith("/") else one for one in starts], set[str]()
    while waiting:
        url = urldefrag(waiting.pop())[0]
        # One page for each thing it shows: what stands behind the question mark only says how.
        if urlsplit(url).path in seen or not url.startswith(site.url) or "/static/" in url:
            continue
        seen.add(urlsplit(url).path)
        tab.context.request.head(url, fail_on_status_code=False)
        answer = tab.context.request.get(url, fail_on_status_code=False)
        assert answer.status < 500, url
        if "text/html" in answer.headers.get("content-type", ""):
            tab.goto(url, wait_until="load")
            tab.wait_for_timeout(AFTER_LOAD_MS)
            waiting += [one for one in tab.evaluate(HREFS) if one]
    return seen


def test_opening_every_link_and_whatever_it_leads_to_changes_nothing(
    tab_for: Callable[..., Any], newcomer: Newcomer, site: Site
) -> None:
    theirs = tab_for(newcomer)
    made = [*link_for_each_purpose(site, newcomer), link_for_a_helper(theirs), *links_for_staff(site)]
    with nobody_reminds(site):
        before = kept(site)
        starts = [*made, *sorted(set(links_of_messages(site)))]
        signed_out = scan(tab_for("nobody"), site, [*starts, "/", "/sign-in", "/staff/sign-in"])
        signed_in = scan(theirs, site, [*starts, "/", "/today"])
        after = kept(site)
    assert {table for table in before if before[table] != after[table]} == set()
    assert {urlsplit(one).path for one in made} <= signed_out & signed_in
    assert {"/devices", "/reminders", "/today/moves"} <= signed_in - signed_out
