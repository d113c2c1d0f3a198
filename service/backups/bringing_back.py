"""Fills an empty database from a backup, and leaves it on hold: nothing is sent until it is known what had left."""

from pathlib import Path
from typing import Final

import msgspec
import psycopg
from alembic.script import ScriptDirectory
from psycopg import sql

from service.backups.making import tables_of
from service.backups.manifest import DUMP, Manifest, Say
from service.backups.programs import Programs
from service.backups.telling import told
from service.database import box
from service.errors import WrongSettings
from service.migrate import MIGRATIONS, prepare_roles

_COUNT: Final = """
DO $$ DECLARE name text; wanted bigint; found bigint; forced bool; BEGIN
  FOR name, wanted IN SELECT key, value::bigint FROM json_each_text({rows}) LOOP
    SELECT relforcerowsecurity INTO forced FROM pg_class WHERE oid = to_regclass(format('public.%I', name));
    IF forced THEN EXECUTE format('ALTER TABLE public.%I NO FORCE ROW LEVEL SECURITY', name); END IF;
    EXECUTE format('SELECT count(*) FROM public.%I', name) INTO found;
    IF forced THEN EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name); END IF;
    IF found <> wanted THEN RAISE EXCEPTION '% has % rows, and the backup was made of %', name, found, wanted; END IF;
  END LOOP;
END $$;
"""
# In the transaction of the restore, so that there is no moment in which it could be taken for a database that
# remembers everything. A phone must fetch all its rows anew.
_AFTER: Final = """
SET search_path = public;
UPDATE epoch SET held_since = now(), hold_reason = 'restored', asked_at = NULL,
  known_until = coalesce((SELECT max(beat_at) FROM witness), began_at) WHERE held_since IS NULL;
ALTER TABLE client_scope NO FORCE ROW LEVEL SECURITY;
UPDATE client_scope SET epoch = epoch + 1;
ALTER TABLE client_scope FORCE ROW LEVEL SECURITY;
"""
# What was ended since would be open again. The owner of a table is bound by its policy too: not for these statements.
# A backup of an older version has not all of them.
_WAYS_IN: Final = ("sign_in_session", "api_token")
_SHUT: Final = """
DO $$ BEGIN IF to_regclass('public.{table}') IS NOT NULL THEN
  ALTER TABLE public.{table} NO FORCE ROW LEVEL SECURITY;
  UPDATE public.{table} SET revoked_at = now() WHERE revoked_at IS NULL;
  ALTER TABLE public.{table} FORCE ROW LEVEL SECURITY;
END IF; END $$;
"""


def _last_statements(manifest: Manifest) -> str:
    rows = sql.Literal(msgspec.json.encode(manifest.rows).decode()).as_string()
    return _COUNT.format(rows=rows) + _AFTER + "".join(_SHUT.format(table=table) for table in _WAYS_IN)


def refuse_newer(manifest: Manifest) -> None:
    """Raises WrongSettings for a backup whose tables this version does not know. An older one is migrated later."""
    known = ScriptDirectory(str(MIGRATIONS))
    if manifest.revision not in {script.revision for script in known.walk_revisions()}:
        raise WrongSettings(
            f"this backup was made by a newer version: its tables are of revision {manifest.revision}, and this "
            f"version knows them up to {known.get_current_head()}; install the version that made it, or a newer one"
        )


def refuse_other_key(manifest: Manifest) -> None:
    """Raises WrongSettings when this process has not the key under which its names and notes were kept."""
    if manifest.key and not box.ring().has(manifest.key):
        raise WrongSettings(
            f"this backup was made under the key {manifest.key}, and {box.ring().source.name} holds "
            f"{box.ring().first.id}; bring the key of that time, or what it was replaced from"
        )


def bring_back(url: str, folder: Path, manifest: Manifest, say: Say) -> None:
    """Into a database without tables, as the login that is to own them. All or nothing, and each row is counted."""
    with psycopg.connect(url) as connection:
        found = tables_of(connection)
        server = connection.info.server_version // 10_000
    if found:
        raise WrongSettings(f"the database is not empty, it holds {len(found)} tables; name an empty one")
    prepare_roles(url)
    programs = Programs(url, max(server, manifest.postgres))
    for line in told(programs.restore(folder / DUMP, _last_statements(manifest)), len(manifest.rows), "brought back"):
        say(line)
