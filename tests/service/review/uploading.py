"""How files are sent to the library of a clinic, by its pages and byte by byte."""

import re
from uuid import UUID

from httpx import AsyncClient, Response
from sqlalchemy import text

from service.database.tenancy import Database
from tests.make import Team
from tests.service.review.browsing import World, look, token_in

ALT = "A woman opens her knee"
BORDER = "border-of-the-form"
MULTIPART = {"Content-Type": f"multipart/form-data; boundary={BORDER}"}


async def exercise_id(database: Database, team: Team, code: str = "glu-clam") -> UUID:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        statement = text("SELECT id FROM exercise WHERE clinic_id = :clinic AND code = :code")
        found: UUID = (await session.execute(statement, {"clinic": team.clinic_id, "code": code})).scalar_one()
    return found


async def upload(
    api: AsyncClient,
    world: World,
    path: str,
    file: bytes,
    kind: str = "picture",
    who: str = "therapist",
    name: str = "x.jpg",
    **fields: str,
) -> Response:
    token = token_in((await look(api, world, "/exercises/new", who)).text)
    form = {"csrf": token, "alt": ALT, **fields}
    return await api.post(
        f"{path}/{kind}", data=form, files={"file": (name, file, "image/jpeg")}, headers=world.headers[who]
    )


async def address_on(api: AsyncClient, world: World, path: str) -> str:
    [address] = re.findall(r'(?:<img[^>]*|<source) src="(/media/[^"]+)"', (await look(api, world, path)).text)
    return str(address)


def form_of(file: bytes, token: str, alt: str = ALT) -> bytes:
    return before_file(token, alt) + file + f"\r\n--{BORDER}--\r\n".encode()


def before_file(token: str, alt: str = ALT) -> bytes:
    fields = "".join(
        f'--{BORDER}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("csrf", token), ("alt", alt))
    )
    head = f'--{BORDER}\r\nContent-Disposition: form-data; name="file"; filename="x.jpg"\r\n\r\n'
    return (fields + head).encode()
