"""What the token of a program opens, scope by scope. As in `table`, by hand."""

from collections.abc import Mapping
from typing import Final

_SCOPES: Final = {
    "see_record": """
        DELETE /v1/clients/{client_id}/fixes/{plan_fix_id}/days/{day}
        DELETE /v1/bulk-messages/{bulk_id}
        DELETE /v1/clients/{client_id}/helpers/{helper_id}
        DELETE /v1/clients/{client_id}/invitations/{invitation_id}
        GET /v1/bulk-messages/recipients
        GET /v1/caseload
        GET /v1/clients/{client_id}/contexts
        GET /v1/clients/{client_id}/diary
        GET /v1/clients/{client_id}/diary/{kind}/{entry_id}/revisions
        GET /v1/clients/{client_id}/helpers
        GET /v1/clients/{client_id}/intakes
        GET /v1/clients/{client_id}/invitations
        GET /v1/clients/{client_id}/ledger
        GET /v1/clients/{client_id}/ledger/{day}
        GET /v1/clients/{client_id}/messages
        GET /v1/clients/{client_id}/monitoring
        GET /v1/clients/{client_id}/plan
        GET /v1/clients/{client_id}/plan/programme
        GET /v1/clients/{client_id}/plan/versions
        GET /v1/clients/{client_id}/progress
        GET /v1/clients/{client_id}/red-flag-questions
        GET /v1/clients/{client_id}/red-flags
        GET /v1/clients/{client_id}/reminders
        GET /v1/clients/{client_id}/summary
        GET /v1/clients/{client_id}/timeline
        GET /v1/clients/{client_id}/visits
        POST /v1/caseload/{client_id}/done
        POST /v1/caseload/{client_id}/seen
        POST /v1/caseload/{client_id}/snooze
        POST /v1/clients/{client_id}/helpers/{helper_id}/link
        POST /v1/clients/{client_id}/messages
        POST /v1/clients/{client_id}/messages/read
        PUT /v1/clients/{client_id}/fixes/{plan_fix_id}/days/{day}
        PUT /v1/bulk-messages/{bulk_id}
        PUT /v1/clients/{client_id}/helpers/{helper_id}
        PUT /v1/clients/{client_id}/invitations/{invitation_id}
        PUT /v1/clients/{client_id}/habits/{plan_habit_id}/days/{day}
        PUT /v1/clients/{client_id}/intakes/{intake_id}
        PUT /v1/clients/{client_id}/mornings/{day}
        PUT /v1/clients/{client_id}/pain-entries/{entry_id}
        PUT /v1/clients/{client_id}/red-flag-answers/{screen_id}
        PUT /v1/clients/{client_id}/sessions/{entry_id}
        PUT /v1/clients/{client_id}/urgency/{answer_id}
    """,
    "prescribe": """
        DELETE /v1/clients/{client_id}/monitoring
        DELETE /v1/clients/{client_id}/monitoring/times/{time_id}
        DELETE /v1/clients/{client_id}/next-visit
        DELETE /v1/clients/{client_id}/treatments/{treatment_id}
        DELETE /v1/clients/{client_id}/visits/{visit_id}
        DELETE /v1/exercises/{code}/media/{kind}
        DELETE /v1/plan-templates/{template_id}
        GET /v1/clients/{client_id}/patterns
        GET /v1/clients/{client_id}/plan/draft
        GET /v1/plan-templates
        PATCH /v1/plan-templates/{template_id}
        POST /v1/clients/{client_id}/monitoring
        POST /v1/clients/{client_id}/plan
        POST /v1/clients/{client_id}/plan/end
        POST /v1/clients/{client_id}/plan/pauses
        POST /v1/clients/{client_id}/plan/resume
        POST /v1/clients/{client_id}/red-flags/{flag_id}/close
        POST /v1/exercises
        POST /v1/habits
        POST /v1/plan-templates
        PUT /v1/clients/{client_id}/contexts
        PUT /v1/clients/{client_id}/habit-links
        PUT /v1/clients/{client_id}/monitoring/times/{time_id}
        PUT /v1/clients/{client_id}/next-visit
        PUT /v1/clients/{client_id}/plan
        PUT /v1/clients/{client_id}/reminders/{kind}
        PUT /v1/clients/{client_id}/treatments/{treatment_id}
        PUT /v1/clients/{client_id}/visits/{day}
        PUT /v1/exercises/{code}/media/{kind}
    """,
    "see_record prescribe see_contacts add_client settings": """
        GET /v1/catalogue/{kind}
        GET /v1/exercises
        GET /v1/habits
    """,
    "see_contacts": """
        GET /v1/clients
        GET /v1/clients/{client_id}
        POST /v1/clients/{client_id}/addresses/{channel}/try-again
        PUT /v1/clients/{client_id}/addresses/{channel}
    """,
    "settings": """
        GET /v1/settings
        PATCH /v1/settings
        GET /v1/settings/limits
        PATCH /v1/settings/limits
    """,
    "add_client": """
        POST /v1/clients
    """,
}
SCOPED: Final[Mapping[str, frozenset[str]]] = {
    " ".join(row.split()): frozenset(which.split())
    for which, rows in _SCOPES.items()
    for row in rows.strip().splitlines()
}
"""Which scope of a program's token, each alone, opens which route of the API. What does not stand here opens to none:
where one signs in and out, and what is a person's own."""
