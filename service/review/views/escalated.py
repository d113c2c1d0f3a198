"""Who was told that nobody looked at a client in time, in the words of the ledger."""

from zoneinfo import ZoneInfo

from service.charts import day_and_time
from service.database.tenancy import ClinicSession
from service.review.queries.cases import Case
from service.review.queries.overdue import told_of
from service.review.rules.digest import reason_words
from service.words import translator


async def escalated(session: ClinicSession, case: Case, zone: ZoneInfo, locale: str) -> list[str]:
    """The first step first; nothing while there is time to look."""
    say = translator(locale).gettext
    told = await told_of(session, case.client.id, case.triage.rule.value, case.triage.since)
    return [
        say("Email to %(name)s, %(time)s: %(words)s")
        % {
            "name": one.name,
            "time": day_and_time(one.due_at.astimezone(zone), locale),
            "words": say(reason_words(one.state, one.reason)),
        }
        for one in told
    ]
