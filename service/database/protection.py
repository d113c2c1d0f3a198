"""Row-level security, roles and rights: what migrations put on a table, and what a process checks before it serves.

Roles are groups; the logins of the processes are members. The owner of the tables only migrates.
"""

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from service.errors import WrongSettings

APP = "clamshell_app"
NOTIFIER = "clamshell_notifier"

TENANT_POLICY = "clinic_id = (NULLIF(current_setting('app.clinic_id'::text, true), ''::text))::uuid"

# The tables that belong to no clinic. Everything else has a clinic_id and a policy, or the process does not start.
INSTALLATION_TABLES = frozenset(
    {
        "alembic_version",
        "attempt_limit",
        "epoch",
        "heartbeat",
        "key_check",
        "sender_pace",
        "shipped_entry",
        "unrouted_text",
        "webhook_counter",
        "witness",
    }
)

Run = Callable[[str], object]


def protect(run: Run, table: str) -> None:
    """Nobody, the owner included, sees a row of a clinic the transaction is not in."""
    run(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    run(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    run(
        f"CREATE POLICY one_clinic ON {table} "
        "USING (clinic_id = NULLIF(current_setting('app.clinic_id', true), '')::uuid) "
        "WITH CHECK (clinic_id = NULLIF(current_setting('app.clinic_id', true), '')::uuid)"
    )


def open_across(run: Run, table: str, role: str, purpose: str) -> None:
    """Lets one role read one table across clinics, and only through the door of that name."""
    run(
        f"CREATE POLICY across_{purpose} ON {table} FOR SELECT TO {role} "
        f"USING (current_setting('app.across', true) = '{purpose}')"
    )


def grant(run: Run, role: str, rights: str, tables: Iterable[str]) -> None:
    for table in tables:
        run(f"GRANT {rights} ON {table} TO {role}")


def grant_columns(run: Run, role: str, columns: Mapping[str, Iterable[str]]) -> None:
    """SELECT on named columns only: enough to know that something was logged, not what."""
    for table, names in columns.items():
        run(f"GRANT SELECT ({', '.join(names)}) ON {table} TO {role}")


async def refuse_unsafe_login(connection: AsyncConnection, role: str) -> None:
    """Raises WrongSettings when this login could read past the policies, or when a table lacks them or is missing."""
    await _refuse_powerful_login(connection, role)
    if not await connection.scalar(text("SELECT to_regclass('public.clinic') IS NOT NULL")):
        raise WrongSettings("this database has no tables yet; run `clamshell migrate`")
    unprotected = await _unprotected_tables(connection)
    if unprotected:
        raise WrongSettings(
            f"these tables are not closed between clinics: {', '.join(unprotected)}; run `clamshell migrate`"
        )


async def _refuse_powerful_login(connection: AsyncConnection, role: str) -> None:
    row = (
        await connection.execute(
            text(
                # Of a role that it may turn into (SET ROLE), too.
                "SELECT current_user AS login, EXISTS (SELECT FROM pg_roles p WHERE (p.rolsuper OR p.rolbypassrls) "
                "AND pg_has_role(current_user, p.oid, 'MEMBER')) AS powerful, "
                "EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public' "
                "AND pg_has_role(current_user, tableowner, 'MEMBER')) AS owner, "
                "EXISTS (SELECT FROM pg_roles WHERE rolname = :role) "
                "AND CASE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = :role) "
                "THEN pg_has_role(current_user, :role, 'MEMBER') ELSE false END AS member"
            ),
            {"role": role},
        )
    ).one()
    if row.powerful or row.owner:
        raise WrongSettings(
            f"the database login {row.login!r} is too powerful: it owns tables or sees every clinic. "
            "Use a login made by `clamshell migrate`"
        )
    if not row.member:
        raise WrongSettings(f"the database login {row.login!r} is not a member of {role}; run `clamshell migrate`")


async def _unprotected_tables(connection: AsyncConnection) -> list[str]:
    rows = await connection.execute(
        text(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT (c.relname = ANY(:open)) AND NOT ("
            "  c.relrowsecurity AND c.relforcerowsecurity AND EXISTS ("
            "    SELECT FROM pg_policies p WHERE p.tablename = c.relname AND p.policyname = 'one_clinic'"
            "    AND p.cmd = 'ALL' AND p.qual = :policy AND p.with_check = :policy)) ORDER BY 1"
        ),
        {"open": sorted(INSTALLATION_TABLES), "policy": f"({TENANT_POLICY})"},
    )
    return [row.relname for row in rows]
